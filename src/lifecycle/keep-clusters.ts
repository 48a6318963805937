/** After a run whose clean-up tasks were told to stand back: its clusters outlive it, and later runs leave them alone. */
import { join } from 'node:path'
import { chooseDriver } from '../drivers/choose-driver.ts'
import { entriesOf } from '../platform/folder-entries.ts'
import { clustersDirOf } from './clusters-dir.ts'

/** Resolves to the names of the clusters that this run made. */
export async function keepClusters(
  projectDir: string,
  settings: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const driver = chooseDriver(settings)
  const folder = clustersDirOf(projectDir)
  if (!driver.ok) return []
  const kept: string[] = []
  for (const name of entriesOf(folder)) {
    const cluster = await driver.value.find(join(folder, name))
    if (cluster?.keep()) kept.push(name)
  }
  return kept
}
