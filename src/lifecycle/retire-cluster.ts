/** Ends a cluster: the logs of its VMs are kept first, however far it came; it ends whether or not they could be. */
import { join } from 'node:path'
import type { Driver, Logs } from '../drivers/driver.ts'
import { failed, messageOf } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'

/** Resolves to the names of the VMs whose logs are now in `logDir`. */
export async function retireCluster(
  driver: Driver,
  stateDir: string,
  logDir: string,
): Promise<Result<readonly string[]>> {
  const copied = await copyLogs(driver.logs(stateDir), logDir)
  const removed = await driver.remove(stateDir)
  return removed.ok ? copied : removed
}

async function copyLogs(all: ReadonlyMap<string, Logs>, to: string): Promise<Result<readonly string[]>> {
  const names: string[] = []
  try {
    for (const [name, logs] of all) if (await logs.copyTo(join(to, name))) names.push(name)
    return ok(names)
  } catch (error) {
    const last = messageOf(error)
    return fail(failed("Cannot keep the VMs' logs; the cluster itself was removed", { last }))
  }
}
