/** Faults of etcd releases that break an invariant although the cluster is configured well (etcd's changelogs). */
import type { InvariantRecord } from '../record/record.ts'

interface KnownFault {
  readonly invariant: string
  readonly what: string
  /** The first release without it, by minor version; a minor that is not listed never had it. */
  readonly fixedIn: Readonly<Record<string, number>>
}

const faults: readonly KnownFault[] = [
  {
    invariant: 'linearizable',
    what: 'a member that stood still can answer a read with an old value',
    fixedIn: { '3.4': 42, '3.5': 28, '3.6': 9 },
  },
  {
    invariant: 'watch-complete',
    what: 'a watch can lose events at a compaction',
    fixedIn: { '3.4': 31, '3.5': 18 },
  },
]

/** An invariant that does not hold, and that a fault of this etcd can break, says so. */
export function withKnownFaults(
  invariants: readonly InvariantRecord[],
  etcd: string | undefined,
): readonly InvariantRecord[] {
  const [, minor = '', patch = ''] = /^(\d+\.\d+)\.(\d+)/.exec(etcd ?? '') ?? []
  return invariants.map(invariant => {
    const known = faults.find(one => one.invariant === invariant.name && Number(patch) < (one.fixedIn[minor] ?? 0))
    if (invariant.holds || known === undefined) return invariant
    const fixed = `${minor}.${known.fixedIn[minor]}`
    return { ...invariant, seen: `${invariant.seen}; known fault of etcd ${etcd}: ${known.what} (mended in ${fixed})` }
  })
}
