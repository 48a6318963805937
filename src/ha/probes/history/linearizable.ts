/**
 * Whether reads and writes of registers can be put into one order that respects real time. With the order of the
 * versions known — etcd numbers every change — this needs no search (Gibbons and Korach, "Testing Shared Memories",
 * SIAM J. Comput. 26(4), 1997: given the write order, verifying linearizability is in O(n log n)): of two operations of
 * which one ended before the other began, the later one must not concern an older version; and a later write must make
 * a newer one. A value must come from a write that had begun before its reader ended.
 * Writes without an acknowledgement may have happened at any time after they began, or never: they bind nobody.
 */
import type { Change, RequestEvent } from '../agent/protocol.ts'

export interface Operation {
  readonly kind: 'read' | 'write'
  readonly register: number
  readonly value: number
  readonly revision: number
  readonly startMs: number
  readonly endMs: number
}

/** Acknowledged ones only. */
export function operationsOf(requests: readonly RequestEvent[]): readonly Operation[] {
  return requests.flatMap(({ probe, register, value, revision, at, ms, error }): Operation[] => {
    if (error !== undefined || register === undefined || value === undefined || revision === undefined) return []
    const kind = probe.endsWith('-write') ? 'write' : 'read'
    return [{ kind, register, value, revision, startMs: at, endMs: at + ms }]
  })
}

/** In words, one for each operation that fits nowhere; empty when all do. `begun`: when the write of a value began. */
export function orderViolations(
  operations: readonly Operation[],
  changes: readonly Change[],
  begun: ReadonlyMap<number, number>,
): readonly string[] {
  const numbers = [...new Set(operations.map(({ register }) => register))]
  return numbers.flatMap(register => {
    const own = operations.filter(one => one.register === register)
    return [...againstTime(own), ...againstHistory(own, changes, begun)]
  })
}

function againstTime(operations: readonly Operation[]): readonly string[] {
  const ends = operations.toSorted((a, b) => a.endMs - b.endMs)
  let [next, newest]: [number, Operation | undefined] = [0, undefined]
  return operations
    .toSorted((a, b) => a.startMs - b.startMs)
    .flatMap(one => {
      for (let ended = ends[next]; ended !== undefined && ended.endMs < one.startMs; ended = ends[++next])
        if (newest === undefined || ended.revision > newest.revision) newest = ended
      if (newest === undefined) return []
      const isOld = one.kind === 'write' ? one.revision <= newest.revision : one.revision < newest.revision
      return isOld ? [`${describe(one)}, though ${describe(newest)} had ended before it began`] : []
    })
}

function againstHistory(
  operations: readonly Operation[],
  changes: readonly Change[],
  begun: ReadonlyMap<number, number>,
): readonly string[] {
  const valueAt = new Map(changes.map(({ revision, value }) => [revision, value]))
  return operations.flatMap(one => {
    const made = valueAt.get(one.revision)
    if (made !== undefined && made !== one.value) return [`${describe(one)}, but that revision is the value ${made}`]
    const start = begun.get(one.value)
    if (one.kind === 'read' && start !== undefined && start > one.endMs)
      return [`${describe(one)}, before its write began`]
    return []
  })
}

const describe = ({ kind, register, value, revision }: Operation): string =>
  `${kind} of register ${register} gave value ${value} at revision ${revision}`
