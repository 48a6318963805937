/** The files and links below a folder; links to folders are not followed. */
import { lstatSync, readdirSync } from 'node:fs'
import { isDoubtful, namesIn, systemPath } from '../../platform/file-names.ts'
import { ifThere } from '../../platform/files.ts'

export interface Walk {
  /** How many folders deep a file may lie: 0 is the folder itself. */
  readonly depth: number
  /** Of a path relative to the folder: neither it nor what is below it is wanted. */
  skips(path: string): boolean
}

/** Paths relative to the folder, in no particular order. Throws what the system says of a folder that may not be read. */
export function walk(folder: string, { depth, skips }: Walk): readonly string[] {
  const found: string[] = []
  const visit = (prefix: string, left: number): void => {
    for (const entry of entriesOf(prefix === '' ? folder : `${folder}/${prefix}`)) {
      const path = prefix + entry.name
      if (skips(path)) continue
      if (entry.isFile() || entry.isSymbolicLink()) found.push(path)
      else if (entry.isDirectory() && left > 0) visit(`${path}/`, left - 1)
    }
  }
  visit('', depth)
  return found
}

interface Entry {
  readonly name: string
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

/** None when there is no such folder, or no longer. */
function entriesOf(folder: string): readonly Entry[] {
  const path = systemPath(folder)
  const entries = ifThere(() => readdirSync(path, { withFileTypes: true })) ?? []
  if (!entries.some(({ name }) => isDoubtful(name))) return entries
  // Names that are not UTF-8 would be read as others.
  return namesIn(folder).flatMap(name => {
    const stat = lstatSync(systemPath(`${folder}/${name}`), { throwIfNoEntry: false })
    if (!stat) return []
    const is = { isFile: () => stat.isFile(), isDirectory: () => stat.isDirectory() }
    return [{ name, ...is, isSymbolicLink: () => stat.isSymbolicLink() }]
  })
}
