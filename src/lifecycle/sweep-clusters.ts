/** What a killed run left is removed by the next, whatever that one does. Costs nothing where nothing was left. */
import { entriesOf } from '../platform/folder-entries.ts'
import { clustersDirOf } from './clusters-dir.ts'

/** What a killed run left is removed by the next, whatever that one does. Costs nothing where nothing was left. */
export async function sweepClusters(
  projectDir: string,
  settings: ReadonlyMap<string, string>,
  warn: (text: string) => void,
): Promise<void> {
  const folder = clustersDirOf(projectDir)
  if (entriesOf(folder).length === 0) return
  const { chooseDriver } = await import('../drivers/choose-driver.ts')
  const driver = chooseDriver(settings)
  const swept = driver.ok ? await driver.value.sweep(folder) : driver
  for (const name of swept.ok ? swept.value : []) warn(`Removed cluster "${name}", which a killed run had left`)
}
