/** Where the records of a run's scenarios lie; light, since every flow asks when it ends. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export const recordFile = 'scenario.json'

/** Folders of tasks with a record. */
export function recordDirs(runDir: string): readonly string[] {
  try {
    return readdirSync(runDir, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(entry => join(runDir, entry.name))
      .filter(dir => existsSync(join(dir, recordFile)))
      .sort()
  } catch {
    return []
  }
}
