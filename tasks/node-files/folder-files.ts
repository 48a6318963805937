/** The files of a folder that a user fills. */
import { readdir } from 'node:fs/promises'

/** Their names, sorted, without hidden ones; undefined when there is no such folder. Links count as what they lead to. */
export async function filesOf(folder: string): Promise<readonly string[] | undefined> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries
      .filter(entry => (entry.isFile() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort()
  } catch {
    return undefined
  }
}
