/** Ends a cluster: the logs of its VMs are kept first, however far it came. */
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Driver } from '../../src/drivers/driver.ts'
import { ok, type Result } from '../../src/platform/result.ts'

/** Resolves to the names of the VMs whose logs are now in `logDir`. */
export async function retireCluster(
  driver: Driver,
  stateDir: string,
  logDir: string,
): Promise<Result<readonly string[]>> {
  const cluster = await driver.find(stateDir)
  const logged: string[] = []
  for (const vm of cluster?.vms ?? []) {
    if (!existsSync(vm.logDir)) continue
    cpSync(vm.logDir, join(logDir, vm.spec.name), { recursive: true })
    logged.push(vm.spec.name)
  }
  const removed = await driver.remove(stateDir)
  return removed.ok ? ok(logged) : removed
}
