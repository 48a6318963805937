/** After a run without clean-up (--keep): its clusters outlive it, and later runs leave them alone. */
import { join } from 'node:path'
import type { Driver } from '../drivers/driver.ts'
import { entriesOf } from '../platform/folder-entries.ts'
import { clustersDirOf } from './clusters-dir.ts'

/** Resolves to the names of the clusters that this run made. */
export async function keepClusters(driver: Driver, projectDir: string): Promise<readonly string[]> {
  const folder = clustersDirOf(projectDir)
  const kept: string[] = []
  for (const name of entriesOf(folder)) {
    const cluster = await driver.find(join(folder, name))
    if (cluster?.keep()) kept.push(name)
  }
  return kept
}
