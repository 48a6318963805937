/** Exactly one running load balancer holds the VIP, and it holds those of all families. */
import * as v from 'valibot'
import { defineCheck } from '../check.ts'
import { runOn } from '../run-on.ts'
import { inState, withRole } from '../select-vms.ts'

export const vipHeld = defineCheck({
  name: 'vip-held',
  claim: 'exactly one load balancer holds the VIP',
  schema: v.strictObject({}),
  timeoutMs: 30_000,

  async observe({ cluster, signal }) {
    const running = await inState(withRole(cluster, 'load-balancer'), 'running')
    const holders = await Promise.all(
      running.map(async vm => {
        const { stdout } = await runOn(vm, ['ip', '-json', 'address', 'show', 'dev', 'eth1'], {
          timeoutMs: 5_000,
          signal,
        })
        return { name: vm.spec.name, vips: cluster.spec.vips.filter(vip => stdout.includes(`"local":"${vip}"`)) }
      }),
    )
    const owners = holders.filter(({ vips }) => vips.length > 0)
    const [owner] = owners
    return {
      holds: owners.length === 1 && owner?.vips.length === cluster.spec.vips.length,
      seen:
        owners.map(({ name, vips }) => `${name} has ${vips.join(' and ')}`).join(', ') ||
        `nobody of ${running.map(vm => vm.spec.name).join(', ')}`,
      ...(owner ? { figure: owners.map(({ name }) => name).join('+') } : {}),
    }
  },
})
