/** The hash of every etcd member's whole history, up to one revision that all have. */
import { withRole } from '../../cluster/spec.ts'
import type { Cluster } from '../../drivers/driver.ts'
import { poll } from '../../platform/poll.ts'
import { runOn } from '../ask/run-on.ts'
import { inState } from '../ask/select-vms.ts'
import { vmOfEndpoint } from '../ask/vm-of-endpoint.ts'
import type { ProbeFindings } from './probe-findings.ts'

const withinMs = 8_000
const againMs = 300

type Hashes = ProbeFindings['hashes']

interface Answer {
  readonly Endpoint: string
  readonly Status?: { readonly header: { readonly revision: number } }
  readonly HashKV?: { readonly hash: number; readonly compact_revision: number }
}

/** Of the members that answer; a member that lags behind is asked again for a while. */
export async function etcdHashes(cluster: Cluster, signal: AbortSignal): Promise<Hashes> {
  const members = withRole(cluster, 'etcd')
  const revision = await ask(cluster, ['endpoint', 'status'], signal).then(answers =>
    Math.max(0, ...answers.map(one => one.Status?.header.revision ?? 0)),
  )
  const look = async () => {
    const answers = await ask(cluster, ['endpoint', 'hashkv', `--rev=${revision}`], signal)
    return answers.flatMap(({ Endpoint, HashKV }) => {
      const vm = vmOfEndpoint(Endpoint, members)?.spec.name
      return vm === undefined || HashKV === undefined ? [] : [{ vm, hash: HashKV.hash.toString(16), revision }]
    })
  }
  return poll(look, hashes => hashes.length === members.length, {
    everyMs: againMs,
    withinMs: withinMs * cluster.patience,
    signal,
  })
}

async function ask(cluster: Cluster, argv: readonly string[], signal: AbortSignal): Promise<readonly Answer[]> {
  const [vm] = await inState(withRole(cluster, 'etcd'), 'running')
  if (vm === undefined) return []
  const command = ['etcdctl', ...argv, '--write-out=json', `--command-timeout=${2 * cluster.patience}s`]
  const { stdout } = await runOn(vm, command, { timeoutMs: 10_000, signal })
  return stdout.startsWith('[') ? JSON.parse(stdout) : []
}
