/** What the probe agent needs to know of a cluster; its keys are read from a VM that runs. */
import { servingAuthorities } from '../../cluster/pki/certificate-plan.ts'
import { clientFiles } from '../../cluster/render/clients.ts'
import { etcdPorts } from '../../cluster/render/etcd.ts'
import { apiPort } from '../../cluster/render/load-balancer.ts'
import { addressOf, withRole } from '../../cluster/spec.ts'
import type { Cluster, Vm } from '../../drivers/driver.ts'
import { now } from '../../platform/clock.ts'
import { failed } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { runOn } from '../ask/run-on.ts'
import { inState } from '../ask/select-vms.ts'
import { testApp } from '../ask/test-app.ts'
import type { AgentConfig, Credentials } from './agent/protocol.ts'
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
  const kubernetes = spec.kubernetes !== undefined && withRole(spec, 'control-plane').length > 0
  const etcd = await etcdCredentials(vm, signal)
  if (!etcd.ok) return etcd
  const api = kubernetes ? await apiCredentials(vm, signal) : undefined
  if (api !== undefined && !api.ok) return api
  const [vip] = spec.vips
  const app = kubernetes && names.includes('app') ? (await testApp(cluster, signal)).places : []
  return ok({
    // Fewer than a thousand are written in a second.
    firstValue: now(),
    patience: cluster.patience,
    clientTimeoutMs,
    probes: names.filter(name => has(name, kubernetes, app.length > 0)),
    etcd: {
      ...etcd.value,
      members: withRole(spec, 'etcd').map(one => ({
        vm: one.name,
        host: addressOf(one, spec.etcdFamily),
        port: etcdPorts.client,
      })),
    },
    ...(api && vip !== undefined ? { api: { ...api.value, host: vip, port: apiPort } } : {}),
    app,
  })
}

function has(name: ProbeName, kubernetes: boolean, app: boolean): boolean {
  if (name === 'vip') return false
  if (name === 'app') return app
  if (name === 'etcd-write') return !kubernetes
  return kubernetes || name.startsWith('etcd-') || name === 'raft'
}

async function etcdCredentials(vm: Vm, signal: AbortSignal): Promise<Result<Credentials>> {
  const texts = await readAll(vm, [clientFiles.etcdCa, clientFiles.etcdCert, clientFiles.etcdKey], signal)
  if (!texts.ok) return texts
  const [ca = '', cert = '', key = ''] = texts.value
  return ok({ ca, cert, key })
}

async function apiCredentials(vm: Vm, signal: AbortSignal): Promise<Result<Credentials>> {
  // Told of every authority beforehand, as clients must be before one takes the place of the other.
  const authorities = servingAuthorities.map(name => `${clientFiles.authorities}/${name}.crt`)
  const texts = await readAll(vm, [clientFiles.adminCert, clientFiles.adminKey, ...authorities], signal)
  if (!texts.ok) return texts
  const [cert = '', key = '', ...trusted] = texts.value
  return ok({ ca: trusted.join(''), cert, key })
}

async function readAll(vm: Vm, files: readonly string[], signal: AbortSignal): Promise<Result<readonly string[]>> {
  const answers = await Promise.all(files.map(file => runOn(vm, ['cat', `/${file}`], { timeoutMs: 5_000, signal })))
  const failedOne = answers.find(answer => !answer.ok)
  if (failedOne === undefined) return ok(answers.map(({ stdout }) => stdout))
  return fail(failed(`Cannot read the keys of clients on "${vm.spec.name}"`, { last: failedOne.reason }))
}
