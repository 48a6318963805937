/** What the machine is blamed for: the time for which the probes stood still, and nothing else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timersOf } from '../../src/cluster/timers.ts'
import type { RequestEvent } from '../../src/ha/probes/agent/protocol.ts'
import { latenessOf } from '../../src/ha/probes/history/lateness.ts'
import type { Span } from '../../src/ha/record/record.ts'
import { type Budgets, measureAll } from '../../src/ha/verdict/budgets.ts'
import type { Findings } from '../../src/ha/verdict/findings.ts'
import { tooSlow } from '../../src/ha/verdict/too-slow.ts'
import { specWith } from '../cluster-data/sample.ts'
import { healthy, probe } from './healthy-findings.ts'

const request = (name: string, at: number): RequestEvent => ({ type: 'request', probe: name, at, ms: 5 })

test('a request that begins more than a whole period late was kept waiting by the machine', () => {
  const began = [1_000, 1_050, 1_130, 1_180, 1_680, 1_730].map(at => request('api-read', at))
  assert.deepEqual(latenessOf(began, 1_000), [{ fromMs: 230, toMs: 680 }])
  assert.deepEqual(latenessOf(began.toReversed(), 1_000), [{ fromMs: 230, toMs: 680 }])
})

test('probes without a fixed pace wait for answers, and show nothing of the machine', () => {
  assert.equal(latenessOf([request('etcd-linearizable', 0), request('app', 900)], 0), null)
})

const answered = Array.from({ length: 300 }, () => [2, 0] as const)

const outageFrom = (fromMs: number, toMs: number) => ({
  probes: [probe('api-read', { outages: [{ fromMs, toMs }], longestOutageMs: toMs - fromMs, bins: answered })],
})

function blame(findings: Partial<Findings>, budgets: Budgets, { slowness = 1 } = {}) {
  const all = { ...healthy, ...findings }
  const measures = measureAll(all, budgets, timersOf('default', { preempt: true }), specWith())
  return tooSlow({ findings: all, measures: measures.filter(({ holds }) => !holds), slowness }) !== undefined
}

const late = (...spans: readonly (readonly [number, number])[]): { readonly late: readonly Span[] } => ({
  late: spans.map(([fromMs, toMs]) => ({ fromMs, toMs })),
})
const long = { ...outageFrom(10_000, 14_000), tookMs: 30_000 }
const budgets = { reads: 3, 'reads-disturbed': 99, 'reads-failed': 100 }

test('time in which the probes stood still is not the cluster’s, no more and no less', () => {
  assert.equal(blame({ ...long, ...late([11_000, 12_000]) }, budgets), true)
  assert.equal(blame({ ...long, ...late([11_000, 11_900]) }, budgets), false)
  assert.equal(blame({ ...long, ...late() }, budgets), false)
  assert.equal(blame({ ...long, late: null }, budgets), false)
})

test('what happened long before, or after, is no excuse; what a stall set off is', () => {
  assert.equal(blame({ ...long, ...late([1_000, 4_900], [14_100, 20_000]) }, budgets), false)
  assert.equal(blame({ ...long, ...late([8_000, 9_000]) }, budgets), true)
})

test('each outage that is too long needs an excuse of its own', () => {
  const outages = [
    { fromMs: 2_000, toMs: 6_000 },
    { fromMs: 20_000, toMs: 24_000 },
  ]
  const twice = { probes: [probe('api-read', { outages, longestOutageMs: 4_000, bins: answered })], tookMs: 30_000 }
  assert.equal(blame({ ...twice, ...late([3_000, 5_000]) }, budgets), false)
  assert.equal(blame({ ...twice, ...late([3_000, 5_000], [21_000, 23_000]) }, budgets), true)
})

test('counts, and measures that nobody took, have no excuse', () => {
  const stalled = late([0, 30_000])
  const elections = { raft: { fromTerm: 1, toTerm: 2, elections: 1, leaders: [] } }
  assert.equal(blame({ ...elections, ...stalled }, { elections: 0 }), false)
  assert.equal(blame({ ...long, ...elections, ...stalled }, { ...budgets, elections: 0 }), false)
  assert.equal(blame({ probes: [], ...stalled }, { reads: 1 }), false)
})

test('recovery, gaps of the VIP and shares of failed requests are limits on time, too', () => {
  const recovery = { healedAtMs: 10_000, recoveryMs: 12_000 }
  assert.equal(blame({ ...recovery, ...late([12_000, 15_000]) }, { recovery: 10 }), true)
  assert.equal(blame({ ...recovery, ...late([23_000, 30_000]) }, { recovery: 10 }), false)
  const vip = [
    { vm: 'vm-191', vip: 'x', fromMs: 0, toMs: 5_000 },
    { vm: 'vm-192', vip: 'x', fromMs: 9_000, toMs: null },
  ]
  assert.equal(blame({ vip, ...late([6_000, 8_000]) }, { 'no-vip': 2 }), true)
  assert.equal(blame({ vip, ...late([6_000, 7_000]) }, { 'no-vip': 2 }), false)
  // 20 s of requests, 20 % of which failed where 10 % may: 2 s too much.
  const bins = Array.from({ length: 200 }, (_, at) => (at < 40 ? ([0, 2] as const) : ([2, 0] as const)))
  const share = { probes: [probe('api-read', { bins })] }
  assert.equal(blame({ ...share, ...late([1_000, 3_000]) }, { 'reads-failed': 10 }), true)
  assert.equal(blame({ ...share, ...late([1_000, 2_000]) }, { 'reads-failed': 10 }), false)
})

test('a machine that is slower needs as much longer for what is work in a limit, and not for its timers', () => {
  assert.equal(blame(long, budgets, { slowness: 2 }), false)
  assert.equal(blame(long, budgets, { slowness: 2.5 }), true)
  assert.equal(blame({ ...outageFrom(10_000, 40_000), tookMs: 60_000 }, budgets, { slowness: 10 }), false)
})
