/** Whether apiservers found their own caches to differ from etcd: they compare both every five minutes. */
import { traitsOf } from '../../cluster/kubernetes/versions.ts'
import { apiserverUrl } from '../../cluster/render/kubeconfig.ts'
import { withRole } from '../../cluster/spec.ts'
import type { Cluster } from '../../drivers/driver.ts'
import { apiOn } from './api-on.ts'
import { inState, kubectlVm } from './select-vms.ts'

export interface CacheChecks {
  /** Of all apiservers since they started. */
  readonly checks: number
  /** "vm-001 3 × pods" */
  readonly failed: readonly string[]
}

// apiserver_storage_consistency_checks_total{group="",resource="pods",status="success"} 12
const metric = /^apiserver_storage_consistency_checks_total\{([^}]*)\} (\d+)$/gm

/** Null where no apiserver does it, or none could be asked. */
export async function cacheChecksOf(cluster: Cluster, signal: AbortSignal): Promise<CacheChecks | null> {
  const { spec } = cluster
  if (spec.kubernetes === undefined || !traitsOf(spec.kubernetes).checksCache) return null
  const client = await kubectlVm(cluster)
  if (!client.ok) return null
  const asked = await Promise.all(
    (await inState(withRole(cluster, 'control-plane'), 'running')).map(async vm => {
      const server = apiserverUrl(spec, vm.spec)
      const { ok, stdout } = await apiOn(client.value, cluster, { path: '/metrics', server, timeoutMs: 10_000, signal })
      if (!ok) return undefined
      return [...stdout.matchAll(metric)].map(([, labels = '', count]) => {
        const label = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? ''
        return {
          vm: vm.spec.name,
          resource: label('resource'),
          isFailure: label('status') === 'failure',
          count: Number(count),
        }
      })
    }),
  )
  const answered = asked.filter(one => one !== undefined)
  if (answered.length === 0) return null
  const all = answered.flat()
  return {
    checks: all.reduce((sum, { count }) => sum + count, 0),
    failed: all
      .filter(({ isFailure, count }) => isFailure && count > 0)
      .map(({ vm, count, resource }) => `${vm} ${count} × ${resource}`),
  }
}
