/** What lies in a folder that need not be there. */
import { readdirSync } from 'node:fs'
import { ifThere } from './files.ts'

/** Names, sorted; none when there is no such folder. */
export const entriesOf = (folder: string): readonly string[] => (ifThere(() => readdirSync(folder)) ?? []).sort()

/** The names of the folders in it, sorted; links to folders are not among them. */
export function foldersIn(folder: string): readonly string[] {
  const entries = ifThere(() => readdirSync(folder, { withFileTypes: true })) ?? []
  return entries.flatMap(entry => (entry.isDirectory() ? [entry.name] : [])).sort()
}
