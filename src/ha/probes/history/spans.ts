/** From what was seen now and then to what lasted from when to when. */
import type { LeaseRecord, NodeRecord, RaftRecord, Span } from '../../record/record.ts'
import type { AgentEvent } from '../agent/protocol.ts'

interface Seen<T> {
  readonly at: number
  readonly state: T
}

/** The same state seen again goes on; the last one is open. Ordered by time. */
export function spansOf<T>(seen: readonly Seen<T>[], originMs: number): readonly (Span & { readonly state: T })[] {
  const spans: (Span & { readonly state: T })[] = []
  for (const { at, state } of seen) {
    const last = spans.at(-1)
    if (last?.state === state) continue
    if (last) spans[spans.length - 1] = { ...last, toMs: at - originMs }
    spans.push({ state, fromMs: at - originMs, toMs: null })
  }
  return spans
}

type Of<Type extends AgentEvent['type']> = Extract<AgentEvent, { readonly type: Type }>

export function leaseRecords(events: readonly Of<'lease'>[], originMs: number): readonly LeaseRecord[] {
  return [...Map.groupBy(events, ({ lease }) => lease)].map(([lease, seen]) => ({
    lease,
    holders: spansOf(
      seen.map(({ at, holder }) => ({ at, state: holder })),
      originMs,
    ).map(({ state, ...span }) => ({ ...span, holder: state })),
  }))
}

export function nodeRecords(events: readonly Of<'node'>[], originMs: number): readonly NodeRecord[] {
  return [...Map.groupBy(events, ({ node }) => node)].map(([node, seen]) => ({
    node,
    notReady: spansOf(
      seen.map(({ at, ready }) => ({ at, state: ready })),
      originMs,
    ).flatMap(({ state, ...span }) => (state ? [] : [span])),
  }))
}

/**
 * A member that is away keeps its last word; when another leads in a later term, the old one's time is over, whether
 * or not it knows. An election is a new leader, or the same one in a new term.
 */
export function raftRecord(events: readonly Of<'raft'>[], originMs: number): RaftRecord | null {
  const ordered = events.toSorted((a, b) => a.at - b.at)
  const terms = ordered.map(({ term }) => term)
  if (terms.length === 0) return null
  const elected = leaderships(ordered).map(one => ({ at: one.at, state: one }))
  const leaders = spansOf(elected, originMs).map(({ state, ...span }) => ({ ...span, vm: state.vm }))
  return {
    fromTerm: Math.min(...terms),
    toTerm: Math.max(...terms),
    elections: Math.max(0, leaders.length - 1),
    leaders,
  }
}

interface Leadership {
  readonly at: number
  readonly vm: string
  readonly term: number
  /**
   * It reported the term of the leader before it: etcd reports the term of the last entry that it applied
   * (EtcdServer.setTerm).
   */
  readonly early: boolean
}

/** Raft elects at most one leader in a term: a second one in it has a later term, which it does not report yet. */
function leaderships(ordered: readonly Of<'raft'>[]): readonly Leadership[] {
  const all: Leadership[] = []
  for (const { at, vm, term, leads } of ordered) {
    if (!leads) continue
    const last = all.at(-1)
    if (last === undefined) all.push({ at, vm, term, early: false })
    else if (term > last.term && vm === last.vm && last.early) all[all.length - 1] = { ...last, term, early: false }
    else if (term > last.term) all.push({ at, vm, term, early: false })
    else if (term === last.term && vm !== last.vm && !last.early) all.push({ at, vm, term, early: true })
  }
  return all
}
