/** From the events of the probe agent to findings. */
import type { AgentConfig, AgentEvent, Change, RequestEvent } from './agent/protocol.ts'
import { latenessOf } from './history/lateness.ts'
import { operationsOf, orderViolations } from './history/linearizable.ts'
import { lostWrites, type MemberHistory, silentMembers } from './history/lost-writes.ts'
import { probeRecord } from './history/requests.ts'
import { leaseRecords, nodeRecords, raftRecord } from './history/spans.ts'
import { watchRecord } from './history/watched.ts'
import type { ProbeFindings } from './probe-findings.ts'
import { describeProbe, type ProbeName, probeDescriptions } from './probe-names.ts'

interface Told {
  readonly events: readonly AgentEvent[]
  readonly config: AgentConfig
  /** The scenario's beginning. */
  readonly originMs: number
}

/** All but what the agent does not see: the VIP's owners and the members' hashes. */
export function findingsOf({ events, config, originMs }: Told): Omit<ProbeFindings, 'vip' | 'hashes'> {
  const only = <Type extends AgentEvent['type']>(type: Type) =>
    events.filter((event): event is Extract<AgentEvent, { readonly type: Type }> => event.type === type)
  const requests = only('request')
  const told = new Map(only('history').map(history => [history.vm, history]))
  const histories: readonly MemberHistory[] = config.etcd.members.map(({ vm }) => told.get(vm) ?? { vm })
  const changes = longest(histories.map(one => one.changes ?? []))
  // A serializable read may be old, and says so.
  const operations = operationsOf(requests.filter(({ probe }) => probe !== 'etcd-serializable'))
  const begun = new Map(requests.flatMap(({ probe, value, at }) => (isWrite(probe) && value ? [[value, at]] : [])))
  const writes = operations.filter(({ kind }) => kind === 'write')
  const [cost] = only('cost')
  return {
    probes: recordsOf(requests, { originMs, clientTimeoutMs: config.clientTimeoutMs }),
    raft: raftRecord(only('raft'), originMs),
    leases: leaseRecords(only('lease'), originMs),
    nodes: nodeRecords(only('node'), originMs),
    watch: config.probes.includes('watch')
      ? watchRecord([...only('watch'), ...only('watch-cut')], changes, originMs)
      : null,
    probeCost: cost ? { coreShare: cost.cpuMs / cost.wallMs } : null,
    late: latenessOf(requests, originMs),
    acknowledgedWrites: writes.length,
    lostWrites: lostWrites(writes, histories),
    silentMembers: silentMembers(histories),
    orderViolations: orderViolations(operations, changes, begun),
  }
}

const isWrite = (probe: string): boolean => probe.endsWith('-write')

const longest = (histories: readonly (readonly Change[])[]): readonly Change[] =>
  histories.reduce((one, other) => (other.length > one.length ? other : one), [])

/** In the order of the probes' names, one for each VM that was asked by itself. */
function recordsOf(
  requests: readonly RequestEvent[],
  { originMs, clientTimeoutMs }: Pick<AgentConfig, 'clientTimeoutMs'> & { readonly originMs: number },
) {
  const named = requests.filter((one): one is RequestEvent & { readonly probe: ProbeName } => isProbe(one.probe))
  const groups = Map.groupBy(named, ({ probe, vm = '' }) => `${probe} ${vm}`)
  return [...groups.values()]
    .flatMap(group => {
      const [first] = group
      if (first === undefined || isStateProbe(first.probe)) return []
      const { probe: name, vm = null } = first
      return [probeRecord({ name, how: describeProbe(name, clientTimeoutMs), vm, requests: group, originMs })]
    })
    .toSorted((a, b) => rank(a.name) - rank(b.name) || (a.vm ?? '').localeCompare(b.vm ?? ''))
}

const isProbe = (name: string): name is ProbeName => name in probeDescriptions
/** Their requests are reported only when they fail. */
const isStateProbe = (name: ProbeName): boolean => name === 'leases' || name === 'nodes'
const rank = (name: string): number => Object.keys(probeDescriptions).indexOf(name)
