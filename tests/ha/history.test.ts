/** From events to what lasted how long: outages, slices of time, lost writes, what a watch missed, who led. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change, RequestEvent } from '../../src/ha/probes/agent/protocol.ts'
import { lostWrites, silentMembers } from '../../src/ha/probes/history/lost-writes.ts'
import { outagesOf, percentile, probeRecord } from '../../src/ha/probes/history/requests.ts'
import { leaseRecords, nodeRecords, raftRecord } from '../../src/ha/probes/history/spans.ts'
import { watchRecord } from '../../src/ha/probes/history/watched.ts'

const request = (at: number, ms: number, error?: string): RequestEvent => ({
  ...{ type: 'request', probe: 'api-read', at, ms },
  ...(error === undefined ? {} : { error }),
})

test('an outage lasts from the beginning of the first failure to the end of the next success', () => {
  const requests = [request(1000, 5), request(1050, 250, 'late'), request(1100, 250, 'late'), request(1150, 20)]
  assert.deepEqual(outagesOf(requests, 1000), [{ fromMs: 50, toMs: 170 }])
})

test('an outage that nothing ends is open, and counts until the last request', () => {
  const record = probeRecord({
    ...{ name: 'api-read', how: '', vm: null, originMs: 1000 },
    requests: [request(1000, 5), request(1050, 250, 'late'), request(1100, 250, 'late')],
  })
  assert.deepEqual(record.outages, [{ fromMs: 50, toMs: null }])
  assert.equal(record.longestOutageMs, 300)
  assert.deepEqual(record.errors, { late: 2 })
})

test('requests fall into the slices in which they began, also when they are told late', () => {
  const requests = [request(1250, 5), request(1010, 300, 'late'), request(1020, 5)]
  const { bins, attempts, failures } = probeRecord({ name: 'x', how: '', vm: null, originMs: 1000, requests })
  assert.deepEqual(bins, [
    [1, 1],
    [0, 0],
    [1, 0],
  ])
  assert.deepEqual([attempts, failures], [3, 1])
})

test('percentiles are of the nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1)
  assert.deepEqual([percentile(values, 0.5), percentile(values, 0.99), percentile([7], 0.99)], [50, 99, 7])
  assert.equal(percentile([], 0.5), null)
})

const write = { kind: 'write', register: 1, value: 17, revision: 400, startMs: 0, endMs: 1 } as const
const change: Change = { register: 1, value: 17, revision: 400 }

test('a write is lost when one member lacks it, has another value there, or tells nothing', () => {
  assert.deepEqual(lostWrites([write], [{ vm: 'vm-193', changes: [change] }]), [])
  assert.match(lostWrites([write], [{ vm: 'vm-193', changes: [] }]).join(), /vm-193 lacks value 17/)
  assert.equal(lostWrites([write], [{ vm: 'vm-193', changes: [{ ...change, value: 18 }] }]).length, 1)
  const silent = [{ vm: 'vm-193', error: 'ECONNREFUSED' }, { vm: 'vm-194' }]
  assert.deepEqual(lostWrites([write], silent), [], 'what is not known is not lost')
  assert.deepEqual(silentMembers(silent), [
    'vm-193 does not report its history: ECONNREFUSED',
    'vm-194 does not report its history: no answer',
  ])
})

test('a watch is compared with what happened between its first and its last event', () => {
  const changes = [1, 2, 3, 4, 5].map(revision => ({ ...change, revision }))
  const seen = (...revisions: readonly number[]) =>
    watchRecord(
      revisions.map(revision => ({ type: 'watch', at: 0, ...change, revision })),
      changes,
      0,
    )
  assert.deepEqual(seen(2, 3, 4), { events: 3, gaps: 0, duplicates: 0, cuts: [] })
  assert.deepEqual(seen(1, 3, 5), { events: 3, gaps: 2, duplicates: 0, cuts: [] })
  assert.deepEqual(seen(1, 2, 2, 3), { events: 4, gaps: 0, duplicates: 1, cuts: [] })
})

test('an election is a new leader or a new term; a member that lags does not lead', () => {
  const raft = (at: number, vm: string, term: number, leads: boolean) =>
    ({ type: 'raft', at, vm, term, leads }) as const
  const record = raftRecord(
    [
      raft(0, 'a', 2, true),
      raft(1, 'b', 2, false),
      raft(5, 'b', 3, true),
      raft(6, 'a', 2, true),
      raft(7, 'b', 3, true),
    ],
    0,
  )
  assert.deepEqual(record?.leaders, [
    { vm: 'a', fromMs: 0, toMs: 5 },
    { vm: 'b', fromMs: 5, toMs: null },
  ])
  assert.deepEqual([record?.elections, record?.fromTerm, record?.toTerm], [1, 2, 3])
  assert.equal(raftRecord([raft(0, 'a', 2, true), raft(1, 'a', 4, true)], 0)?.elections, 1)
  assert.equal(raftRecord([], 0), null)
  // b leads and has applied nothing yet: it tells the old term, and later its own, two further on; a does not know.
  const early = [raft(0, 'a', 3, true), raft(4, 'b', 3, true), raft(5, 'a', 3, true), raft(6, 'b', 5, true)]
  assert.deepEqual(raftRecord(early, 0)?.leaders, [
    { vm: 'a', fromMs: 0, toMs: 4 },
    { vm: 'b', fromMs: 4, toMs: null },
  ])
  assert.equal(raftRecord([...early, raft(9, 'b', 6, true)], 0)?.elections, 2)
})

test('holders of leases and nodes that were not ready, from when to when', () => {
  const lease = (at: number, holder: string) => ({ type: 'lease', lease: 'kube-scheduler', at, holder }) as const
  assert.deepEqual(leaseRecords([lease(10, 'a'), lease(20, 'a'), lease(30, 'b')], 10), [
    {
      lease: 'kube-scheduler',
      holders: [
        { holder: 'a', fromMs: 0, toMs: 20 },
        { holder: 'b', fromMs: 20, toMs: null },
      ],
    },
  ])
  const node = (at: number, ready: boolean) => ({ type: 'node', node: 'vm-003', at, ready }) as const
  const [record] = nodeRecords([node(0, true), node(5, false), node(9, true)], 0)
  assert.deepEqual(record, { node: 'vm-003', notReady: [{ fromMs: 5, toMs: 9 }] })
})
