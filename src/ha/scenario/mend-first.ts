/** Before a scenario begins: what an earlier one on the same cluster left stopped or off is not held against this one. */
import type { Timers } from '../../cluster/timers.ts'
import type { Cluster } from '../../drivers/driver.ts'
import { monotonicMs } from '../../platform/clock.ts'
import { done, type Result } from '../../platform/result.ts'
import { inState } from '../ask/select-vms.ts'
import { healAll } from '../faults/heal-all.ts'
import { Journal } from './journal.ts'
import { untilWell } from './well.ts'

interface MendOptions {
  readonly cluster: Cluster
  readonly timers: Timers
  readonly signal: AbortSignal
  readonly log: (line: string) => void
  /** For the cluster to become well again; what is not by then, the scenario shows. */
  readonly withinMs: number
}

/** Costs nothing where every VM runs. A failure when one cannot be made to run. */
export async function mendFirst({ cluster, timers, signal, log, withinMs }: MendOptions): Promise<Result<void>> {
  const running = await inState(cluster.vms, 'running')
  const vms = cluster.vms.filter(vm => !running.includes(vm))
  if (vms.length === 0) return done
  log(`an earlier scenario left ${vms.map(vm => vm.spec.name).join(', ')} stopped or off: mended first`)
  const healed = await healAll({ cluster, vms, signal, open: [] })
  if (!healed.ok) return healed
  const journal = new Journal({ originMs: monotonicMs(), log, tell: () => {} })
  for (const problem of await untilWell({ cluster, signal, journal, seed: 0 }, { withinMs, timers })) log(problem)
  return done
}
