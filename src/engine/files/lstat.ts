/** What is at a path of the project. */
import { type BigIntStats, lstatSync } from 'node:fs'
import { systemPath } from '../../platform/file-names.ts'
import { codeOf, isMissing } from '../../platform/files.ts'

/** Nothing where nothing is, or can be. */
export function lstat(projectDir: string, path: string): BigIntStats | undefined {
  try {
    return lstatSync(systemPath(`${projectDir}/${path}`), { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    // Links that lead in a circle, and a path that is too long together with the project's: nothing can be there.
    if (isMissing(error) || codeOf(error) === 'ELOOP' || codeOf(error) === 'ENAMETOOLONG') return undefined
    throw error
  }
}
