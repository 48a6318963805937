/** Services that ended and were started again, as their supervisors logged it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster, Vm } from '../../drivers/driver.ts'
import { codeOf } from '../../platform/files.ts'

/** By "vm-193 etcd": how often it ended. The logs outlive a reset. */
export type Endings = ReadonlyMap<string, number>

/** What overlay/usr/bin/supervise writes. */
const ending = /^supervise: (\S+) ended with exit code/gm

export const endingsOf = (cluster: Cluster): Endings => new Map(cluster.vms.flatMap(endingsOn))

/** Services that ended more often than before. */
export const restartsBetween = (before: Endings, after: Endings): readonly { vm: string; service: string }[] =>
  [...after].flatMap(([key, count]) => {
    const [vm = '', service = ''] = key.split(' ')
    return count > (before.get(key) ?? 0) ? [{ vm, service }] : []
  })

function endingsOn(vm: Vm): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const file of logsOf(vm.logDir))
    for (const [, service] of readFileSync(join(vm.logDir, file), 'utf8').matchAll(ending)) {
      const key = `${vm.spec.name} ${service}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  return [...counts]
}

function logsOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter(name => name.endsWith('.log'))
  } catch (error) {
    // A VM that never booted has none.
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}
