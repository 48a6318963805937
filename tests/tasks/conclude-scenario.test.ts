/** What a verdict means for the task: only a scenario that passed, was caught or may go unjudged lets the run pass. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Outcome } from '../../src/ha/scenario/scenario-options.ts'
import { failed } from '../../src/platform/failure.ts'
import { concludeScenario } from '../../tasks/cluster/conclude-scenario.ts'
import { sampleRecords } from '../report/sample-run.ts'
import { taskFixture } from './task-fixture.ts'

const [passed = assert.fail(), broken = assert.fail()] = sampleRecords
const failure = failed('The scenario "partition-lbs" failed', { last: 'writes' })
const open: Outcome = {
  record: { ...broken, verdict: 'not judged', reasons: ['too-slow: the machine was: late by 2 s', 'writes: 5 s'] },
  failure: failed('Not judged: the machine was too slow for the scenario "partition-lbs"'),
}

interface Given {
  readonly expected?: string
  readonly settings?: Readonly<Record<string, string>>
}

function conclude(t: TestContext, outcome: Outcome, { expected, settings = {} }: Given = {}) {
  const events: unknown[] = []
  const context = taskFixture(t).context(
    {},
    {
      settings: new Map(Object.entries(settings)),
      event: (_, { verdict }) => events.push(verdict),
    },
  )
  const result = concludeScenario(context, outcome, expected)
  const written = JSON.parse(readFileSync(join(context.logDir, 'scenario.json'), 'utf8'))
  assert.deepEqual(events, [written.verdict])
  return { result, verdict: written.verdict, said: result.ok ? result.value : result.failure.message }
}

test('a scenario that passed is summed up, one that failed is a failure', t => {
  assert.match(conclude(t, { record: passed }).said, /^reads 3\.9 of 4\.1 s/)
  const { result, said } = conclude(t, { record: broken, failure })
  assert.deepEqual([result.ok, said], [false, failure.message])
})

test('one that was not judged ends the task as a failure does, unless it may pass', t => {
  const { result, said, verdict } = conclude(t, open)
  assert.deepEqual([result.ok, verdict], [false, 'not judged'])
  assert.match(said, /^Not judged: /)
  const mayPass = conclude(t, open, { settings: { 'not-judged': 'pass' } })
  assert.deepEqual([mayPass.result.ok, mayPass.verdict], [true, 'not judged'])
  assert.equal(mayPass.said, 'NOT JUDGED: too-slow: the machine was: late by 2 s')
  assert.equal(conclude(t, open, { settings: { 'not-judged': 'fail' } }).result.ok, false)
  assert.equal(conclude(t, { record: broken, failure }, { settings: { 'not-judged': 'pass' } }).result.ok, false)
})

test('a planted defect is caught by a failure for its reason, and by nothing else', t => {
  const caught = conclude(t, { record: broken, failure }, { expected: 'no-lost-writes' })
  assert.deepEqual([caught.result.ok, caught.verdict], [true, 'caught'])
  assert.match(
    conclude(t, { record: broken, failure }, { expected: 'leases-renewed' }).said,
    /was to fail because of "leases-renewed"/,
  )
  assert.match(conclude(t, { record: passed }, { expected: 'writes' }).said, /was to fail because of "writes"/)
  assert.match(conclude(t, open, { expected: 'writes' }).said, /^Not judged: /)
})
