/** Why a scenario failed, in which order and words; and its verdict in one line. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InvariantRecord, Measure } from '../../src/ha/record/record.ts'
import { reasonNamed, reasonsOf } from '../../src/ha/verdict/reasons.ts'
import { verdictLine } from '../../src/ha/verdict/verdict-line.ts'

const measure = (changes: Partial<Measure>): Measure => ({
  ...{ measure: 'writes', unit: 'ms', measured: 3_050, limit: 1_000, because: '1 s', holds: false },
  ...changes,
})
const invariant: InvariantRecord = { name: 'no-lost-writes', claim: 'all are there', holds: false, seen: '1 is not' }
const none = { failure: undefined, measures: [], invariants: [] }

test('what holds is no reason', () => {
  const holds = { holds: true }
  assert.deepEqual(reasonsOf({ ...none, measures: [measure(holds)], invariants: [{ ...invariant, ...holds }] }), [])
})

test('invariants come first, then budgets, then the step; each begins with its name', () => {
  const failure = { kind: 'failed', message: 'Cannot confirm that it is so', last: '2 of 3' } as const
  const reasons = reasonsOf({ failure, measures: [measure({})], invariants: [invariant] })
  assert.deepEqual(
    reasons.map(reason => reason.split(':')[0]),
    ['no-lost-writes', 'writes', 'step'],
  )
  assert.match(reasons[0] ?? '', /all are there.*1 is not/)
  assert.match(reasons[2] ?? '', /Cannot confirm that it is so; 2 of 3$/)
})

test('a budget is told in its own unit', () => {
  const told = (changes: Partial<Measure>) => reasonsOf({ ...none, measures: [measure(changes)] }).join()
  assert.match(told({}), /^writes: 3\.05 s, .* 1\.00 s \(1 s\)$/)
  assert.match(told({ measure: 'elections', unit: 'count', measured: 2, limit: 0 }), /^elections: 2, .* 0 /)
  assert.match(told({ measure: 'reads-failed', unit: 'percent', measured: 12.5, limit: 5 }), /: 12\.5 %, .* 5 %/)
  assert.match(told({ because: 'not measured' }), /^writes: has a budget, and no probe measured it$/)
})

const step = (name: string, holds: boolean) => ({ step: name, seen: '2 of 3', figure: null, holds, fromMs: 0, toMs: 1 })
const failing = {
  verdict: 'failed' as const,
  reasons: ['one-vip-owner: two', 'step: Cannot confirm'],
  steps: [step('vip-held', true), step('etcd-healthy', false)],
}

test('a planted defect is caught by the reason that was named, or by the step, and by nothing else', () => {
  assert.equal(reasonNamed('one-vip-owner', failing), 'one-vip-owner: two')
  assert.equal(reasonNamed('etcd-healthy', failing), 'etcd-healthy: 2 of 3')
  for (const name of ['vip-held', 'one-vip', 'no-lost-writes']) assert.equal(reasonNamed(name, failing), undefined)
})

test('only a scenario that failed has caught anything', () => {
  for (const verdict of ['passed', 'interrupted', 'skipped'] as const)
    assert.equal(reasonNamed('one-vip-owner', { ...failing, verdict }), undefined)
})

test('the line has the outages with their budgets, lost writes, and the figures of the checks', () => {
  const cluster = { insteadOf: null, versions: {} }
  const record = {
    cluster,
    measures: [
      measure({ measure: 'reads', measured: 900, limit: null }),
      measure({}),
      measure({ measure: 'elections' }),
    ],
    lostWrites: 0,
    steps: ['3', '2', '3'].map(figure => ({ step: 'etcd-healthy', seen: '', figure, holds: true, fromMs: 0, toMs: 1 })),
  }
  const line = verdictLine(record)
  assert.equal(line, 'reads 0.9 s · writes 3.0 of 1.0 s · 0 writes lost · etcd-healthy 3 → 2 → 3')
  assert.equal(verdictLine({ cluster, measures: [], steps: [], lostWrites: null }), '')
})

test('the line begins with the Kubernetes that ran instead of the one that was wanted', () => {
  const cluster = { insteadOf: '1.36.3', versions: { kubernetes: '1.20.2' } }
  const line = verdictLine({ cluster, measures: [], steps: [], lostWrites: 0 })
  assert.equal(line, 'Kubernetes 1.20.2 INSTEAD OF 1.36.3 · 0 writes lost')
})

test('the line names the versions that changed or differ, and failed requests where they have a budget', () => {
  const cluster = {
    insteadOf: null,
    versions: { kubernetes: '1.35.4 → 1.36.3', kubelet: '1.35.4, 1.36.3', etcd: '3.6.16' },
  }
  const measures = [
    measure({ measure: 'failed-reads', unit: 'count', measured: 2, limit: 0 }),
    measure({ measure: 'failed-writes', unit: 'count', measured: 1, limit: null }),
  ]
  const line = (versions: Readonly<Record<string, string>>) =>
    verdictLine({ cluster: { ...cluster, versions }, measures, steps: [], lostWrites: 0 })
  assert.equal(
    line(cluster.versions),
    'kubernetes 1.35.4 → 1.36.3 · kubelet 1.35.4, 1.36.3 · 2 reads failed · 1 writes failed · 0 writes lost',
  )
  assert.equal(line({ kubernetes: '1.36.3' }), '2 reads failed · 0 writes lost')
})
