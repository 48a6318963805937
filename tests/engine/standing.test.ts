/** Which tasks are passed over, by what happened in a run so far. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Ended } from '../../src/engine/plan/outcome.ts'
import { type PassOverRules, Standing } from '../../src/engine/plan/standing.ts'
import type { Task } from '../../src/engine/workflow/workflow.ts'

const task = (more: Partial<Task>): Task => ({
  name: 'task',
  place: { file: 'workflows/main.yaml', line: 1, column: 1 },
  action: { kind: 'run', script: { text: 'true', values: {} } },
  needs: [],
  after: [],
  inputs: [],
  outputs: [],
  env: [],
  fingerprint: [],
  cache: true,
  timeoutMs: 0,
  retries: 0,
  resources: { cpu: 1 },
  always: false,
  uses: {},
  definition: '',
  ...more,
})

const ended = (task: string, status: Ended['status'], because = ''): Ended => ({
  task,
  status,
  because,
  durationMs: 0,
  started: status === 'executed' || status === 'failed',
})

const standing = (rules: PassOverRules, ...all: readonly Ended[]): Standing => {
  const made = new Standing(rules)
  for (const one of all) made.end(one)
  return made
}

const passedOver = (one: Standing, more: Partial<Task>): string => {
  const passed = one.passedOver(task(more))
  return passed ? `${passed.status}: ${passed.because}` : 'its turn'
}

test('a task is skipped when a need failed, and the reason is the first failure', () => {
  const needs = ['need']
  assert.equal(passedOver(standing({}, ended('need', 'failed')), { needs }), 'skipped: need failed')
  assert.equal(passedOver(standing({}, ended('need', 'cancelled')), { needs }), 'skipped: need was cancelled')
  assert.equal(passedOver(standing({}, ended('need', 'skipped', 'first failed')), { needs }), 'skipped: first failed')
  for (const good of ['executed', 'restored', 'up-to-date'] as const)
    assert.equal(passedOver(standing({}, ended('need', good)), { needs }), 'its turn')
})

test('after a failure nothing else starts, unless the run is to go on', () => {
  assert.equal(passedOver(standing({}, ended('one', 'failed'), ended('two', 'failed')), {}), 'skipped: one failed')
  assert.equal(passedOver(standing({ keepGoing: true }, ended('one', 'failed')), {}), 'its turn')
})

test('an interrupted run cancels what has not started, and still cleans up', () => {
  const one = standing({ signal: AbortSignal.abort() }, ended('start', 'executed'), ended('bad', 'failed'))
  assert.equal(passedOver(one, { needs: ['bad'] }), 'cancelled: interrupted')
  assert.equal(passedOver(one, { always: true, cleans: 'start' }), 'its turn')
})

test('a clean-up task runs when what it cleans up after has run, and is kept when that is asked for', () => {
  const stop = { always: true, cleans: 'start' }
  const start = ended('start', 'executed')
  assert.equal(passedOver(standing({}, ended('start', 'skipped')), stop), 'skipped: start did not run')
  assert.equal(passedOver(standing({}, ended('start', 'failed')), stop), 'its turn')
  assert.equal(passedOver(standing({ keep: true }, start), stop), 'kept: kept as asked')
  assert.equal(passedOver(standing({ keepOnFailure: true }, start), stop), 'its turn')
  assert.equal(
    passedOver(standing({ keepOnFailure: true }, start, ended('test', 'failed')), stop),
    'kept: kept, because something failed',
  )
})
