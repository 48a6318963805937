/** Every router has routes to the cluster's service addresses, by way of each worker. */
import * as v from 'valibot'
import { loadBalancerRange } from '../../../cluster/networks.ts'
import { addressOf, familiesOf, withRole } from '../../../cluster/spec.ts'
import { runOn } from '../../ask/run-on.ts'
import { inState } from '../../ask/select-vms.ts'
import { defineCheck } from '../check.ts'

export const vipRouted = defineCheck({
  name: 'vip-routed',
  claim: 'the routers reach the load-balancer addresses by way of every worker',
  schema: v.strictObject({}),
  timeoutMs: 30_000,
  waitsForReadiness: true,

  async observe({ cluster, signal }) {
    const wanted = withRole(cluster, 'router')
    if (wanted.length === 0) return { holds: true, seen: 'the cluster has no routers' }
    const routers = await inState(wanted, 'running')
    const workers = withRole(cluster, 'worker')
    const missing: string[] = []
    for (const router of routers)
      for (const family of familiesOf(cluster.spec)) {
        const range = loadBalancerRange(family, cluster.spec.prefix)
        const argv = ['ip', family === 'IPv6' ? '-6' : '-4', 'route', 'show', range]
        const { stdout } = await runOn(router, argv, { timeoutMs: 5_000, signal })
        const gateways = new Set(stdout.split(/\s+/))
        for (const worker of workers)
          if (!gateways.has(addressOf(worker.spec, family)))
            missing.push(`${router.spec.name} has no route to ${range} via ${worker.spec.name}`)
      }
    return {
      holds: routers.length === wanted.length && missing.length === 0,
      seen:
        routers.length < wanted.length
          ? `only ${routers.length} of ${wanted.length} routers run`
          : missing.join(', ') || `${routers.length} × ${workers.length} next hops`,
    }
  },
})
