import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScenarioRecord } from '../../src/ha/record/record.ts'
import { compareRuns } from '../../src/report/compare-runs.ts'
import { comparisonText } from '../../src/report/comparison-text.ts'
import { failedRecord, passedRecord, skippedRecord } from './sample-run.ts'

const options = { color: false, columns: 100, before: 'RUN1', after: 'RUN2' }

const withWrites = (measured: number): ScenarioRecord => ({
  ...passedRecord,
  measures: passedRecord.measures.map(one => (one.measure === 'writes' ? { ...one, measured } : one)),
})

const changeOf = (before: ScenarioRecord, after: ScenarioRecord) => compareRuns([before], [after]).scenarios[0]

test('a difference within one interval between adverts is told, and not marked', () => {
  const change = changeOf(withWrites(3000), withWrites(3900))
  assert.equal(change?.change, 'same')
  const text = comparisonText(compareRuns([withWrites(3000)], [withWrites(3900)]), options)
  assert.match(text, /writes +3000 ms -> +3900 ms {2}\+900 ms, \+30 %\n/)
})

test('a larger one is better or worse', () => {
  assert.equal(changeOf(withWrites(3900), withWrites(900))?.change, 'better')
  assert.equal(changeOf(withWrites(900), withWrites(3900))?.change, 'worse')
})

test('what has no budget is told, and never better or worse', () => {
  const measures = passedRecord.measures.map(one => (one.limit === null ? { ...one, measured: 1 } : one))
  const change = changeOf(passedRecord, { ...passedRecord, measures })
  assert.equal(change?.change, 'same')
  assert.equal(change?.measures.find(({ measure }) => measure === 'no-vip')?.after, 1)
})

test('a verdict outweighs figures', () => {
  assert.equal(changeOf(withWrites(3900), { ...withWrites(900), verdict: 'failed' })?.change, 'worse')
  assert.equal(changeOf({ ...withWrites(900), verdict: 'failed' }, withWrites(3900))?.change, 'better')
  assert.equal(changeOf(withWrites(900), { ...withWrites(900), verdict: 'skipped' })?.change, 'same')
})

test('what differs in versions and timers comes first, then scenarios, then those that one run lacks', () => {
  const faster: ScenarioRecord = {
    ...passedRecord,
    timers: { ...passedRecord.timers, vrrp: { ...passedRecord.timers.vrrp, advertIntervalMs: 100 } },
    cluster: { ...passedRecord.cluster, versions: { ...passedRecord.cluster.versions, etcd: '3.5.0' } },
  }
  const text = comparisonText(compareRuns([passedRecord, failedRecord], [faster, skippedRecord]), options)
  assert.equal(
    text.split('\nOne run each')[0],
    `RUN1 -> RUN2

Not the same in both:
  cluster.versions.etcd: 3.4.23 -> 3.5.0
  timers.vrrp.advertIntervalMs: 1000 -> 100

same    lb-owner-stop  passed
        reads              3890 ms ->   3890 ms  equal
        writes             3900 ms ->   3900 ms  equal
        keep-alive         3940 ms ->   3940 ms  equal
        reads-disturbed    3950 ms ->   3950 ms  equal
        reads-failed        21.4 % ->    21.4 %  equal
        no-vip             3600 ms ->   3600 ms  equal

  only in RUN1: partition-lbs[IPv6]

  only in RUN2: power-cut

1 same, 2 in one run only
`,
  )
})
