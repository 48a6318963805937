/** Removes what a killed run left, at the start of the next run of any flow. Costs nothing where nothing was left. */
import type { Driver } from '../drivers/driver.ts'
import { entriesOf } from '../platform/folder-entries.ts'
import type { Result } from '../platform/result.ts'
import { clustersDirOf } from './clusters-dir.ts'

/** `loadDriver`: called only when there is something to look at. */
export async function sweepClusters(
  projectDir: string,
  loadDriver: () => Promise<Result<Driver>>,
  warn: (text: string) => void,
): Promise<void> {
  const folder = clustersDirOf(projectDir)
  if (entriesOf(folder).length === 0) return
  const driver = await loadDriver()
  const swept = driver.ok ? await driver.value.sweep(folder) : driver
  for (const name of swept.ok ? swept.value : []) warn(`Removed cluster "${name}", which a killed run had left`)
}
