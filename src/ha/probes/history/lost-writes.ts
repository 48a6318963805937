/** Acknowledged writes that some etcd member does not hold. */
import type { Change } from '../agent/protocol.ts'
import type { Operation } from './linearizable.ts'

export interface MemberHistory {
  readonly vm: string
  /** Undefined when the member did not report it. */
  readonly changes?: readonly Change[]
  readonly error?: string
}

/** In words, one for each write and member. A member that does not report its history shows nothing. */
export function lostWrites(operations: readonly Operation[], histories: readonly MemberHistory[]): readonly string[] {
  const writes = operations.filter(({ kind }) => kind === 'write')
  return histories.flatMap(({ vm, changes }) => {
    if (changes === undefined) return []
    const held = new Set(changes.map(({ register, revision, value }) => `${register} ${revision} ${value}`))
    return writes
      .filter(({ register, revision, value }) => !held.has(`${register} ${revision} ${value}`))
      .map(
        ({ register, revision, value }) =>
          `${vm} lacks value ${value} of register ${register}, acknowledged at revision ${revision}`,
      )
  })
}

/** In words, one for each member that did not report its history: whether it lost a write is not known. */
export const silentMembers = (histories: readonly MemberHistory[]): readonly string[] =>
  histories.flatMap(({ vm, changes, error }) =>
    changes === undefined ? [`${vm} does not report its history: ${error ?? 'no answer'}`] : [],
  )
