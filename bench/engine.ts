/** The engine beside its peers, and beside the plain tools that do the same work without keeping anything. */
import { type Arena, openArena } from './engine/arena.ts'
import { firstRunRows } from './engine/first-run.ts'
import { hashingRows } from './engine/hashing.ts'
import { memoryRows } from './engine/memory.ts'
import { noOpRows } from './engine/no-op.ts'
import { restoreRows } from './engine/restore.ts'
import type { Peer } from './peers/peer.ts'
import { installPeers } from './peers/peers.ts'
import type { Row } from './table.ts'

type Measurement = (arena: Arena, peers: readonly Peer[]) => Iterable<Row> | AsyncIterable<Row>

/** By their names on the command line. */
const measurements: Readonly<Record<string, Measurement>> = {
  'no-op': noOpRows,
  'first-run': firstRunRows,
  restore: restoreRows,
  hashing: hashingRows,
  memory: memoryRows,
}
const withPeers = ['no-op', 'first-run']

export const engineMeasurements = Object.keys(measurements)

export async function* engineRows(names: readonly string[]): AsyncGenerator<Row> {
  using arena = openArena()
  const { present, absent } = names.some(name => withPeers.includes(name))
    ? installPeers(arena.folder('peers'), arena.env)
    : { present: [], absent: [] }
  for (const { name, because } of absent) yield { what: 'not measured', ours: '', peer: name, theirs: because }
  for (const name of names) yield* measurements[name]?.(arena, present) ?? []
}
