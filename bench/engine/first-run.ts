/** 1,000 trivial tasks of which nothing is known: run, hashed and stored. */
import { availableParallelism } from 'node:os'
import { sideBySide } from '../measure.ts'
import type { Peer } from '../peers/peer.ts'
import { compared, type Promised, type Row } from '../table.ts'
import type { Arena } from './arena.ts'
import { ourDag, withPeer, xargsDag } from './dag-projects.ts'

const count = 1_000
const what = 'first run of 1,000 trivial tasks'

export function* firstRunRows(arena: Arena, peers: readonly Peer[]): Generator<Row> {
  const ours = ourDag(arena, count)
  const jobs = availableParallelism()
  const alone = sideBySide(ours.first, xargsDag(arena, count, jobs), { times: 7, budgetMs: 60_000 })
  yield compared({ what, peer: `xargs -P${jobs}, nothing kept`, measured: alone, promised: { aim: 1.3 } })
  for (const peer of peers.filter(one => !one.noFirstRun)) {
    const promised: Promised = peer.name.startsWith('wireit') ? { must: 1 } : {}
    yield withPeer(arena, peer, { what, count }, theirs => {
      const measured = sideBySide(ours.first, theirs.first, { times: 5, budgetMs: 30_000 })
      return compared({ what, peer: peer.name, measured, promised })
    })
  }
}
