/** Where the records of a run's scenarios lie; light, since every flow asks when it ends. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { foldersIn } from '../platform/folder-entries.ts'

export const recordFile = 'scenario.json'

/** Folders of tasks with a record. */
export function recordDirs(runDir: string): readonly string[] {
  return foldersIn(runDir)
    .map(name => join(runDir, name))
    .filter(dir => existsSync(join(dir, recordFile)))
}
