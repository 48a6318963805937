/** Ends a cluster: the logs of its VMs are kept first, however far it came; it ends whether or not they could be. */
import { cpSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Driver } from '../drivers/driver.ts'
import { failed, messageOf } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'

/** Resolves to the names of the VMs whose logs are now in `logDir`. */
export async function retireCluster(
  driver: Driver,
  stateDir: string,
  logDir: string,
): Promise<Result<readonly string[]>> {
  const copied = copyLogs(driver.logDirs(stateDir), logDir)
  const removed = await driver.remove(stateDir)
  return removed.ok ? copied : removed
}

function copyLogs(logDirs: ReadonlyMap<string, string>, to: string): Result<readonly string[]> {
  const names = [...logDirs].filter(([, folder]) => existsSync(folder) && readdirSync(folder).length > 0)
  try {
    for (const [name, folder] of names) cpSync(folder, join(to, name), { recursive: true })
    return ok(names.map(([name]) => name))
  } catch (error) {
    const last = messageOf(error)
    return fail(failed("Cannot keep the VMs' logs; the cluster itself was removed", { last }))
  }
}
