/** Runs that find everything up to date, as whole processes. */
import { median, type Repetitions, runProgram, sideBySide, timeMs } from '../measure.ts'
import type { Peer } from '../peers/peer.ts'
import { compared, milliseconds, type Promised, type Row } from '../table.ts'
import type { Arena } from './arena.ts'
import { ourDag, settle, withPeer } from './dag-projects.ts'

const repetitions: Repetitions = { times: 15, budgetMs: 40_000 }

const besideTurborepo: Readonly<Record<number, Promised>> = {
  100: { must: 1, aim: 0.5 },
  1000: { must: 1, aim: 0.6 },
}

export function* noOpRows(arena: Arena, peers: readonly Peer[]): Generator<Row> {
  for (const count of [100, 1_000]) yield* besidePeers(arena, peers, count)
  yield of10000(arena)
}

function* besidePeers(arena: Arena, peers: readonly Peer[], count: number): Generator<Row> {
  const what = `no-op, ${count.toLocaleString('en')} tasks`
  const ours = ourDag(arena, count)
  settle(ours)
  for (const peer of peers) {
    if (count > peer.most.tasks) {
      yield { what, ours: '', peer: peer.name, theirs: `not tried: ${peer.most.because}` }
      continue
    }
    yield withPeer(arena, peer, { what, count }, theirs => {
      settle(theirs)
      // One more: a daemon may have to see what was made.
      runProgram(theirs.again.program)
      const promised = peer.name.startsWith('Turborepo') ? besideTurborepo[count] : undefined
      return compared({ what, peer: peer.name, measured: sideBySide(ours.again, theirs.again, repetitions), promised })
    })
  }
}

/** Without a peer: what is promised of it is a time. */
function of10000(arena: Arena): Row {
  const ours = ourDag(arena, 10_000)
  settle(ours)
  const times = Array.from({ length: 9 }, () => timeMs(ours.again))
  const ms = median(times)
  return {
    what: 'no-op, 10,000 tasks, 10,000 files',
    ours: milliseconds(ms),
    must: '≤ 1.5 s',
    aim: '≤ 0.8 s',
    kept: { must: ms <= 1_500, aim: ms <= 800 },
    times: times.length,
  }
}
