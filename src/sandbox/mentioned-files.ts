/** Finds in the complaints of a failed program the files of the project that it was not shown. */
import { existsSync } from 'node:fs'
import { isAbsolute, normalize, relative, resolve } from 'node:path'

/** How programs say that they did not find a file. */
const complaint = /no such file|not found|ENOENT|(cannot|can't|could not|unable to) (open|find|stat|access|read|load)/i

/** What may surround a path in a message: spaces, quotes, brackets, the colon before a line number. */
const separators = /[\s'"`()[\]{}<>,;:=|‘’“”]+/

export interface ShownProject {
  readonly projectDir: string
  /** Relative to the project: files, and folders shown whole. */
  readonly shown: readonly string[]
}

/** Relative to the project, sorted: files that exist there, are not shown, and that a complaint names. */
export function mentionedFiles(output: string, { projectDir, shown }: ShownProject): readonly string[] {
  const visible = new Set(shown.map(path => normalize(path)))
  const found = new Set<string>()
  const complaints = output.split('\n').filter(line => complaint.test(line))
  for (const word of new Set(complaints.flatMap(line => line.split(separators)))) {
    const path = relative(projectDir, resolve(projectDir, word.replace(/[.…]+$/, '')))
    if (word === '' || path === '' || path.startsWith('..') || isAbsolute(path)) continue
    if (!isVisible(path, visible) && !isAbove(path, visible) && existsSync(resolve(projectDir, path))) found.add(path)
  }
  return [...found].sort()
}

/** The path itself is shown, or a folder that it lies in. */
export function isVisible(path: string, visible: ReadonlySet<string>): boolean {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1))
    if (visible.has(path.slice(0, end))) return true
  return false
}

const isAbove = (folder: string, visible: ReadonlySet<string>): boolean =>
  [...visible].some(path => path.startsWith(`${folder}/`))
