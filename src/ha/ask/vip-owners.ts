/** Who of the running load balancers holds the VIP, as they themselves see it. */
import { withRole } from '../../cluster/spec.ts'
import type { Cluster, Vm } from '../../drivers/driver.ts'
import { inTurn, runOn } from './run-on.ts'
import { inState } from './select-vms.ts'

interface Asker {
  readonly cluster: Cluster
  readonly signal: AbortSignal
}

export async function heldVips({ cluster, signal }: Asker): Promise<readonly { vm: Vm; vips: readonly string[] }[]> {
  const running = await inState(withRole(cluster, 'load-balancer'), 'running')
  const show = ['ip', '-json', 'address', 'show', 'dev', 'eth1']
  return inTurn(running, async vm => {
    const { stdout } = await runOn(vm, show, { timeoutMs: 5_000, signal })
    return { vm, vips: cluster.spec.vips.filter(vip => stdout.includes(`"local":"${vip}"`)) }
  })
}

export const vipOwners = async (context: Asker): Promise<readonly Vm[]> =>
  (await heldVips(context)).filter(({ vips }) => vips.length > 0).map(({ vm }) => vm)
