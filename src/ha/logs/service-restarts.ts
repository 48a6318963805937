/** Services that ended and were started again, as their supervisors logged it. */
import type { Cluster, Vm } from '../../drivers/driver.ts'

/** By "vm-193 etcd": how often it ended. The logs outlive a reset. */
export type Endings = ReadonlyMap<string, number>

/** What overlay/usr/bin/supervise writes. */
const ending = /^supervise: (\S+) ended with exit code/gm

export const endingsOf = async (cluster: Cluster): Promise<Endings> =>
  new Map((await Promise.all(cluster.vms.map(endingsOn))).flat())

/** Services that ended more often than before. */
export const restartsBetween = (before: Endings, after: Endings): readonly { vm: string; service: string }[] =>
  [...after].flatMap(([key, count]) => {
    const [vm = '', service = ''] = key.split(' ')
    return count > (before.get(key) ?? 0) ? [{ vm, service }] : []
  })

async function endingsOn({ spec, logs }: Vm): Promise<readonly (readonly [string, number])[]> {
  const counts = new Map<string, number>()
  for (const name of await logs.names())
    for (const [, service] of (await logs.read(name)).matchAll(ending)) {
      const key = `${spec.name} ${service}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  return [...counts]
}
