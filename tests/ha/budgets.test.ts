/** Limits follow the configured timers; budgets judge what was measured; what no timer allows is refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { safeParse } from 'valibot'
import { timersOf } from '../../src/cluster/timers.ts'
import type { VipSpan } from '../../src/ha/record/record.ts'
import { type Budgets, budgetsSchema, checkBudgets, measureAll } from '../../src/ha/verdict/budgets.ts'
import type { Findings } from '../../src/ha/verdict/findings.ts'
import { type LimitName, limitNames, limitOf } from '../../src/ha/verdict/limits.ts'
import { specWith } from '../cluster-data/sample.ts'
import { healthy, probe } from './healthy-findings.ts'

const spec = specWith()
const usual = timersOf('default', { preempt: true })
const fast = timersOf('fast', { preempt: true })

const measured = (findings: Partial<Findings>, budgets: Budgets) =>
  measureAll({ ...healthy, ...findings }, budgets, usual, spec).filter(({ limit }) => limit !== null)

test('a VIP may take three adverts, the skew of the lowest priority, and some slack to move', () => {
  const { ms, floorMs } = limitOf('vip-move', { timers: usual, spec })
  const skew = Math.round(((256 - 140) / 256) * 1000)
  assert.equal(ms, 3000 + skew + 700)
  assert.equal(floorMs, 2000 + skew)
})

test('with the fast profile a load balancer’s failover takes a client at most a second', () => {
  assert.ok(limitOf('vip-move', { timers: fast, spec }).ms <= 1000)
})

test('each limit grows with the timers that it is made of, and has a floor below it', () => {
  for (const name of limitNames) {
    const slow = limitOf(name, { timers: usual, spec })
    assert.ok(slow.floorMs < slow.ms, name)
    assert.ok(limitOf(name, { timers: fast, spec }).ms <= slow.ms, name)
  }
  const slowEtcd = { ...usual, etcd: { heartbeatMs: 500, electionMs: 5000 } }
  assert.equal(limitOf('etcd-election', { timers: slowEtcd, spec }).ms, 11_000)
})

test('a budget holds up to its limit and not beyond', () => {
  const outage = (longestOutageMs: number) => ({ probes: [probe('api-write', { longestOutageMs })] })
  assert.deepEqual(
    [1999, 2000, 2001].map(ms => measured(outage(ms), { writes: 2 }).find(one => one.measure === 'writes')?.holds),
    [true, true, false],
  )
})

test('a tightened limit is the smaller of both', () => {
  const [tight] = measured({}, { writes: { of: 'vip-move', 'at-most': 3 } })
  assert.equal(tight?.limit, 3000)
  const [loose] = measured({}, { writes: { of: 'vip-move', 'at-most': 60 } })
  assert.equal(loose?.limit, limitOf('vip-move', { timers: usual, spec }).ms)
})

test('a budget whose measure nobody took does not hold', () => {
  const [measure] = measureAll({ ...healthy, probes: [] }, { writes: 1 }, usual, spec).filter(one => !one.holds)
  assert.equal(measure?.measure, 'writes')
})

test('a budget below what the timers allow at best is refused, and named', () => {
  const [problem, ...others] = checkBudgets(
    { writes: { of: 'vip-move', 'at-most': 1 }, reads: { of: 'vip-move', 'at-most': 4 } },
    usual,
    spec,
  )
  assert.deepEqual(problem?.path, ['writes', 'at-most'])
  assert.match(problem?.message ?? '', /1 s cannot hold.*2\.453 s at best/)
  assert.deepEqual(others, [])
  assert.deepEqual(checkBudgets({ writes: { of: 'vip-move', 'at-most': 1 } }, fast, spec), [])
})

test('a limit of time is refused for a count', () => {
  assert.match(checkBudgets({ elections: 'etcd-election' }, usual, spec)[0]?.message ?? '', /is a count/)
})

test('a cut costs what the checks need to see it, and no more', () => {
  const skew = Math.round(((256 - 140) / 256) * 1000)
  const limit = (name: LimitName, timers = usual) => limitOf(name, { timers, spec }).ms
  assert.equal(limit('backend-without-etcd'), 7_500)
  assert.equal(limit('lb-without-backends'), limit('backend-down') + 3 * 1000 + 1000 + skew + 700)
  for (const name of ['backend-without-etcd', 'lb-without-backends'] as const)
    assert.ok(limit(name, fast) < limit(name), name)
})

test('unknown measures and limits are refused with those that exist', () => {
  const messageOf = (budgets: object) => safeParse(budgetsSchema, budgets).issues?.[0].message ?? ''
  assert.match(messageOf({ wrtes: 1 }), /no measure.*wrtes.*writes/)
  assert.match(messageOf({ writes: 'vip-mve' }), /vip-move/)
  assert.match(messageOf({ writes: -1 }), /0 or more/)
})

test('a member that a fault hit is not judged by its silence, the others are', () => {
  const etcdProbes = ['vm-193', 'vm-194'].map((vm, index) =>
    probe('etcd-linearizable', { vm, longestOutageMs: index === 0 ? 9_000 : 1_200 }),
  )
  const faults = [{ fault: 'stop', vm: 'vm-193', detail: null, fromMs: 1_000, toMs: 9_000 }]
  const of = (findings: Partial<Findings>) => measured(findings, { 'etcd-reads': 3 })[0]?.measured
  assert.equal(of({ probes: etcdProbes, faults }), 1_200)
  assert.equal(of({ probes: etcdProbes }), 9_000)
})

const bins = (length: number, of: (at: number) => readonly [number, number]) =>
  Array.from({ length }, (_, at) => of(at))
const stop = { fault: 'stop', vm: 'vm-191', detail: null }

test('a disturbance lasts as long as no whole second passes without a failure, however many answers lie between', () => {
  const disturbed = (faults: Findings['faults'], ...spans: readonly (readonly [number, number | null])[]) => {
    const outages = spans.map(([fromMs, toMs]) => ({ fromMs, toMs }))
    const probes = [probe('api-read', { outages, bins: bins(100, () => [2, 0]) })]
    return measured({ probes, faults }, { 'reads-disturbed': 9 })[0]?.measured
  }
  assert.equal(disturbed([]), 0)
  assert.equal(disturbed([], [1_000, 1_100], [1_900, 2_000], [2_900, 3_300]), 2_300)
  assert.equal(disturbed([], [1_000, 1_200], [2_200, 2_300], [4_000, 4_100]), 200)
  assert.equal(disturbed([], [9_000, null]), 1_000)
  const second = [{ ...stop, fromMs: 1_500, toMs: 3_000 }]
  assert.equal(disturbed(second, [1_000, 1_200], [1_600, 2_900]), 1_300)
})

test('a VIP that returns to the VM that was hit disturbs anew; one that goes to and fro does so for as long as it does', () => {
  const disturbed = (returns: readonly number[], ...spans: readonly (readonly [number, number])[]) => {
    const outages = spans.map(([fromMs, toMs]) => ({ fromMs, toMs }))
    const probes = [probe('api-read', { outages, bins: bins(100, () => [2, 0]) })]
    const owned = returns.map(fromMs => ({ vm: 'vm-191', vip: '192.168.1.200', fromMs, toMs: fromMs + 300 }))
    const vip = [{ vm: 'vm-192', vip: '192.168.1.200', fromMs: 3_600, toMs: 4_400 }, ...owned]
    const faults = [{ ...stop, fault: 'reset', fromMs: 1_000, toMs: 1_300 }]
    return measured({ probes, faults, vip }, { 'reads-disturbed': 9 })[0]?.measured
  }
  assert.equal(disturbed([4_400], [1_000, 3_700], [4_380, 5_000]), 2_700)
  assert.equal(disturbed([4_400, 5_100, 5_800], [1_000, 3_700], [4_400, 4_600], [5_100, 5_300], [5_800, 6_000]), 2_700)
  assert.equal(disturbed([4_400, 5_200], [1_000, 1_200], [4_400, 5_100], [5_300, 7_400]), 3_000)
  assert.equal(disturbed([], [1_000, 3_700], [4_380, 5_000]), 4_000)
})

test('the share of failed requests counts from the first fault to the end: a kill is over at once, its damage is not', () => {
  const requests = bins(100, at => [at < 50 ? 2 : 1, at >= 40 && at < 60 ? 1 : 0])
  const share = (faults: Findings['faults']) =>
    measured({ probes: [probe('api-read', { bins: requests })], faults }, { 'reads-failed': 90 })[0]?.measured
  assert.equal(share([{ ...stop, fromMs: 4_000, toMs: 4_000 }]), 22.2)
  assert.equal(share([{ ...stop, fromMs: 6_000, toMs: null }]), 0)
  assert.equal(share([]), 11.8)
})

test('who limits an outage limits the disturbance as well, and the share of requests that fail', () => {
  const judge = (findings: Partial<Findings>, budgets: Budgets) =>
    measured(findings, budgets).map(({ measure, limit, holds }) => [measure, limit, holds])
  // For 5 of 10 s every second request fails, and no outage is longer than 50 ms.
  const outages = Array.from({ length: 50 }, (_, at) => ({ fromMs: 2_000 + at * 100, toMs: 2_050 + at * 100 }))
  const half = probe('api-read', {
    ...{ outages, longestOutageMs: 50 },
    bins: bins(120, at => (at >= 20 && at < 70 ? [1, 1] : [2, 0])),
  })
  const faults = [{ ...stop, fromMs: 2_000, toMs: 7_000 }]
  assert.deepEqual(judge({ probes: [half], faults }, { reads: 3 }), [
    ['reads', 3_000, true],
    ['reads-disturbed', 4_000, false],
    ['reads-failed', 30, true],
  ])
  assert.deepEqual(judge({ probes: [half], faults }, { reads: 2 }).at(-1), ['reads-failed', 20, false])
  const twice = [...faults, { ...stop, vm: 'vm-192', fromMs: 7_000, toMs: 8_000 }]
  assert.deepEqual(judge({ probes: [half], faults: twice }, { reads: 2 }).at(-1), ['reads-failed', 40, true])
  // A reset of a VM that is stopped is no second blow.
  const reset = [...faults, { ...stop, fault: 'reset', fromMs: 6_900, toMs: 6_950 }]
  assert.deepEqual(judge({ probes: [half], faults: reset }, { reads: 2 }).at(-1), ['reads-failed', 20, false])
  assert.deepEqual(judge({ probes: [half], faults }, { reads: 4, 'reads-disturbed': 6, 'reads-failed': 99 }), [
    ['reads', 4_000, true],
    ['reads-disturbed', 6_000, true],
    ['reads-failed', 99, true],
  ])
})

test('what no budget limits is measured for information', () => {
  assert.deepEqual(
    measured({}, { elections: 0 }).map(({ measure }) => measure),
    ['elections'],
  )
})

const vip = '192.168.1.200'
const owner = (vm: string, fromMs: number, toMs: number | null): VipSpan => ({ vm, vip, fromMs, toMs })

test('the time without an owner of the VIP, and the most owners at a time', () => {
  const judge = (spans: readonly VipSpan[]) =>
    measured({ vip: spans }, { 'no-vip': 60, 'vip-owners': 9 }).map(one => one.measured)
  assert.deepEqual(judge([owner('vm-191', 0, 2_000), owner('vm-192', 5_500, null)]), [3_500, 1])
  assert.deepEqual(judge([owner('vm-191', 0, null), owner('vm-192', 5_500, 7_000)]), [0, 2])
  assert.deepEqual(judge([owner('vm-191', 0, 4_000), owner('vm-192', 4_000, 9_000)]), [1_000, 1])
  // Moved on purpose: the old owner gives it up when it hears of the new one.
  assert.deepEqual(judge([owner('vm-192', 0, 4_100), owner('vm-191', 4_000, null)]), [0, 1])
  assert.deepEqual(judge([owner('vm-192', 0, 4_101), owner('vm-191', 4_000, null)]), [0, 2])
})

test('a budget may differ by topology, and is looked at for the one of the cluster', () => {
  const budgets = { writes: { external: 0.25, stacked: 'etcd-client' } } as const
  const limitIn = (topology: 'external' | 'stacked') =>
    measureAll(healthy, budgets, usual, specWith({ topology })).find(one => one.measure === 'writes')?.limit
  assert.equal(limitIn('external'), 250)
  assert.equal(limitIn('stacked'), limitOf('etcd-client', { timers: usual, spec }).ms)
  const tight = { writes: { external: 1, stacked: { of: 'etcd-election', 'at-most': 0.1 } } } as const
  assert.deepEqual(checkBudgets(tight, usual, specWith({ topology: 'external' })), [])
  assert.deepEqual(
    checkBudgets(tight, usual, specWith({ topology: 'stacked' })).map(({ path }) => path),
    [['writes', 'stacked', 'at-most']],
  )
})
