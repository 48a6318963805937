/** What the probe agent needs to know of a cluster, and the keys with which it asks. */
import { etcdPorts } from '../../cluster/render/etcd.ts'
import { apiPort } from '../../cluster/render/load-balancer.ts'
import { addressOf, withRole } from '../../cluster/spec.ts'
import type { Cluster } from '../../drivers/driver.ts'
import { now } from '../../platform/clock.ts'
import { failed } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { clientKeys } from '../ask/client-keys.ts'
import { inState } from '../ask/select-vms.ts'
import { testApp } from '../ask/test-app.ts'
import type { AgentConfig } from './agent/protocol.ts'
import type { ProbeName } from './probe-names.ts'

export interface ConfigOptions {
  readonly cluster: Cluster
  readonly names: readonly ProbeName[]
  readonly clientTimeoutMs: number
  readonly signal: AbortSignal
}

/** Only the probes for which the cluster has something to ask. */
export async function agentConfig(options: ConfigOptions): Promise<Result<AgentConfig>> {
  const { cluster, names, clientTimeoutMs, signal } = options
  const { spec } = cluster
  const [vm] = await inState(cluster.vms, 'running')
  if (vm === undefined) return fail(failed('Cannot probe the cluster: no VM is running'))
  const keys = clientKeys(cluster)
  if (!keys.ok) return keys
  const { admin: api, etcd = { ca: '', cert: '', key: '' } } = keys.value
  const kubernetes = spec.kubernetes !== undefined && withRole(spec, 'control-plane').length > 0
  const [vip] = spec.vips
  const app = kubernetes && names.includes('app') ? (await testApp(cluster, signal)).places : []
  return ok({
    // Fewer than a thousand are written in a second.
    firstValue: now(),
    patience: cluster.patience,
    clientTimeoutMs,
    probes: names.filter(name => has(name, kubernetes, app.length > 0)),
    etcd: {
      ...etcd,
      members: withRole(spec, 'etcd').map(one => ({
        vm: one.name,
        host: addressOf(one, spec.etcdFamily),
        port: etcdPorts.client,
      })),
    },
    ...(kubernetes && api && vip !== undefined ? { api: { ...api, host: vip, port: apiPort } } : {}),
    app,
  })
}

function has(name: ProbeName, kubernetes: boolean, app: boolean): boolean {
  if (name === 'vip') return false
  if (name === 'app') return app
  if (name === 'etcd-write') return !kubernetes
  return kubernetes || name.startsWith('etcd-') || name === 'raft'
}
