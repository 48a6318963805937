/** What 10,000 tasks take of memory, launcher, engine and shells together. */
import { measurePeak } from '../peak-memory.ts'
import { megabytes, type Row } from '../table.ts'
import type { Arena } from './arena.ts'
import { ourDag } from './dag-projects.ts'

const [mustBytes, aimBytes] = [300e6, 150e6]

export async function* memoryRows(arena: Arena): AsyncGenerator<Row> {
  const { first, again } = ourDag(arena, 10_000)
  first.prepare?.()
  yield row('memory at 10,000 tasks, first run', (await measurePeak(first.program)).bytes)
  yield row('memory at 10,000 tasks, no-op', (await measurePeak(again.program)).bytes)
}

const row = (what: string, bytes: number): Row => ({
  what,
  ours: megabytes(bytes),
  must: `≤ ${megabytes(mustBytes)}`,
  aim: `≤ ${megabytes(aimBytes)}`,
  kept: { must: bytes <= mustBytes, aim: bytes <= aimBytes },
  times: 1,
})
