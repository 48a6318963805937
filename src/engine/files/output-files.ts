/** What the outputs of a task are on disk, now: files and folders that are named, and the files that globs match. */
import { rmdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { systemPath } from '../../platform/file-names.ts'
import { globsAmong, type OutputGlobs, placesAmong } from '../workflow/output-globs.ts'
import { isInside } from '../workflow/project-path.ts'
import { clearOutput, isUnfinished, whyOutside } from './output-place.ts'
import { walk } from './walk.ts'

/** The places in their order, there or not, then what the globs match, sorted. */
export function outputPaths(projectDir: string, outputs: readonly string[]): readonly string[] {
  const globs = globsAmong(outputs)
  return globs ? [...placesAmong(outputs), ...filesOf(globs, projectDir)] : outputs
}

/** What the globs among the outputs match, sorted: no folders, and nothing behind a link. */
export const globbedFiles = (projectDir: string, outputs: readonly string[]): readonly string[] => {
  const globs = globsAmong(outputs)
  return globs ? filesOf(globs, projectDir) : []
}

/** Removes files that globs matched, and the folders that are empty then. */
export function clearGlobbed(projectDir: string, outputs: readonly string[], files: readonly string[]): void {
  const globs = globsAmong(outputs)
  if (!globs || files.length === 0) return
  const folders = new Set<string>()
  for (const file of files) {
    clearOutput(projectDir, file)
    for (let at = posix.dirname(file); isBelowBase(globs, at) && !folders.has(at); at = posix.dirname(at))
      folders.add(at)
  }
  for (const folder of [...folders].sort().toReversed()) {
    try {
      rmdirSync(systemPath(join(projectDir, folder)))
    } catch {}
  }
}

const isBelowBase = ({ bases }: OutputGlobs, folder: string): boolean =>
  bases.some(base => folder !== base && (base === '.' ? folder !== '.' : isInside(folder, base)))

function filesOf(globs: OutputGlobs, projectDir: string): readonly string[] {
  const found = new Set<string>()
  for (const base of globs.bases) {
    // What leads out of the project is refused where something would be written or stored.
    if (whyOutside(projectDir, `${base}/x`) !== undefined) continue
    const prefix = base === '.' ? '' : `${base}/`
    const depth = globs.depthBelow(base)
    const skips = (path: string) => isUnfinished(path) || globs.passOver(prefix + path)
    for (const path of walk(join(projectDir, base), { depth, skips, inside: true }).paths)
      if (globs.own(prefix + path)) found.add(prefix + path)
  }
  return [...found].sort()
}
