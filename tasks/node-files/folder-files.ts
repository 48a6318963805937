/** The files of a folder that a user fills. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError, storageProblem } from '../../src/platform/system-error.ts'

/** Their names, sorted, without hidden ones; undefined when there is no such folder. A link counts as what it leads to, and as a file when it leads nowhere. */
export async function filesOf(folder: string): Promise<readonly string[] | undefined> {
  try {
    const names: string[] = []
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const isLink = entry.isSymbolicLink()
      const isFile = isLink
        ? await stat(join(folder, entry.name)).then(
            to => to.isFile(),
            () => true,
          )
        : entry.isFile()
      if (isFile && !entry.name.startsWith('.')) names.push(entry.name)
    }
    return names.sort()
  } catch (error) {
    if (!isSystemError(error)) throw error
    return undefined
  }
}

/** What reading a file came to, or why the system refused it. */
export async function orRefusal<T>(reading: Promise<T>): Promise<T | { readonly problem: string }> {
  try {
    return await reading
  } catch (error) {
    if (!isSystemError(error)) throw error
    return { problem: `it cannot be read: ${storageProblem(error)}` }
  }
}
