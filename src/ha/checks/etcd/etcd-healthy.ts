/** Every etcd member answers a read that needs a quorum, or all but the given number do. */
import * as v from 'valibot'
import { withRole } from '../../../cluster/spec.ts'
import type { Vm } from '../../../drivers/driver.ts'
import { runOn } from '../../ask/run-on.ts'
import { inState } from '../../ask/select-vms.ts'
import { hostOfEndpoint, vmOfEndpoint } from '../../ask/vm-of-endpoint.ts'
import { defineCheck, type Observation } from '../check.ts'

/** A member that is away is known to be so after this; etcdctl would wait for 5 s. */
const memberTimeoutMs = 1_000

interface MemberHealth {
  readonly endpoint: string
  readonly health: boolean
  readonly took: string
  readonly error?: string
}

export const etcdHealthy = defineCheck({
  name: 'etcd-healthy',
  claim: 'the etcd members are healthy',
  schema: v.strictObject({
    /** How many members must be unhealthy, no more and no fewer. */
    away: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  }),
  timeoutMs: 60_000,
  waitsForReadiness: true,

  async observe({ cluster, signal }, { away }): Promise<Observation> {
    const members = withRole(cluster, 'etcd')
    const running = await inState(members, 'running')
    const answers: { readonly healths: readonly MemberHealth[]; readonly reason: string }[] = []
    for (const vm of running) {
      const answer = await healthsSeenOn(vm, signal)
      answers.push(answer)
      // A member that is cut off sees nobody, and says nothing of the others.
      if (answer.healths.some(one => one.health)) break
    }
    const last = answers.at(-1)
    if (last === undefined) return { holds: false, seen: 'no etcd VM is running', figure: '0' }
    const { healths, reason } = last
    if (healths.length === 0) return { holds: false, seen: reason, figure: '0' }
    const healthy = healths.filter(one => one.health)
    return {
      holds: healths.length === members.length && healthy.length === members.length - away,
      seen: `${healthy.length} of ${members.length} healthy (${healths.map(one => describe(one, members)).join(', ')})`,
      figure: String(healthy.length),
    }
  },
})

async function healthsSeenOn(vm: Vm, signal: AbortSignal) {
  const argv = [
    'etcdctl',
    'endpoint',
    'health',
    '--write-out=json',
    `--command-timeout=${memberTimeoutMs * vm.patience}ms`,
  ]
  const answer = await runOn(vm, argv, { timeoutMs: memberTimeoutMs * 5, signal })
  return { healths: parse(answer.stdout) ?? [], reason: `asked on ${vm.spec.name}: ${answer.reason}` }
}

function parse(stdout: string): readonly MemberHealth[] | undefined {
  try {
    return JSON.parse(stdout) as readonly MemberHealth[]
  } catch {
    return undefined
  }
}

function describe({ endpoint, health, took, error }: MemberHealth, members: readonly Vm[]): string {
  const name = vmOfEndpoint(endpoint, members)?.spec.name ?? hostOfEndpoint(endpoint)
  return `${name} ${health ? took.replace(/(\d+\.\d)\d*/, '$1') : (error ?? 'unhealthy')}`
}
