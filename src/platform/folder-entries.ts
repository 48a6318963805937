/** What lies in a folder that need not be there. */
import { type Dirent, readdirSync } from 'node:fs'
import { isMissing } from './files.ts'

/** Names, sorted; none when there is no such folder. */
export const entriesOf = (folder: string): readonly string[] => orNone(() => readdirSync(folder)).toSorted()

/** The names of the folders in it, sorted; links to folders are not among them. */
export function foldersIn(folder: string): readonly string[] {
  const entries: readonly Dirent[] = orNone(() => readdirSync(folder, { withFileTypes: true }))
  return entries.flatMap(entry => (entry.isDirectory() ? [entry.name] : [])).sort()
}

/** Asked at once, not first whether it exists: it may go meanwhile. */
function orNone<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
