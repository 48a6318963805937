/** What is read of a run's log, also of one that a killed run left. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { eventsFile, logName, readEnds, readEvents, runNames, taskLog } from '../../src/engine/event-log.ts'
import type { RunEvent } from '../../src/engine/events.ts'

const at = '2026-01-01T00:00:00.000Z'
const started: RunEvent = { type: 'run-started', run: 'r', flow: 'f', tasks: 1, at }
const output: RunEvent = { type: 'task-output', task: 'a', stream: 'stdout', text: 'x'.repeat(60_000), at }
const warning: RunEvent = { type: 'warning', text: 'w', at }
const finished: RunEvent = { type: 'run-finished', run: 'r', status: 'passed', durationMs: 1, counts: {}, at }

function runWith(t: TestContext, text: string | undefined): string {
  const dir = mkdtempSync(join(tmpdir(), 'k8s-ha-log-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  if (text !== undefined) writeFileSync(eventsFile(dir), text)
  return dir
}

const lines = (...events: readonly RunEvent[]): string => events.map(event => `${JSON.stringify(event)}\n`).join('')

test('the events are read in order, without what tasks printed', t => {
  assert.deepEqual(readEvents(runWith(t, lines(started, output, warning, finished))), [started, warning, finished])
})

test('the ends of a long log are found', t => {
  assert.deepEqual(readEnds(runWith(t, lines(started, output, output, finished))), { started, finished })
})

test('of a run that was killed, what was written last may be half an event', t => {
  const dir = runWith(t, `${lines(started, warning)}${JSON.stringify(finished).slice(0, 40)}`)
  assert.deepEqual(readEvents(dir), [started, warning])
  assert.deepEqual(readEnds(dir), { started })
})

test('lines that are no events are passed over', t => {
  const dir = runWith(t, `null\n{}\nnonsense\n${lines(warning)}7\n`)
  assert.deepEqual(readEvents(dir), [warning])
  assert.deepEqual(readEnds(dir), {})
})

test('a folder without a log has no events', t => {
  const dir = runWith(t, undefined)
  assert.deepEqual(readEvents(dir), [])
  assert.deepEqual(readEnds(dir), {})
})

test('runs are named the oldest first', t => {
  const dir = runWith(t, undefined)
  for (const name of ['20260102-000000', '20260101-000000']) mkdirSync(join(dir, name))
  assert.deepEqual(runNames(dir), ['20260101-000000', '20260102-000000'])
})

test('no task’s log or folder has the place of another one, or of a file of the run', () => {
  const tasks = ['a', 'a.log', 'a/b', 'a%2Fb', '.', '..', 'events.ndjson', 'graph.json', 'report.html', 'x.y']
  const names = tasks.flatMap(task => [logName(task), taskLog('', task).slice(1)])
  assert.deepEqual(
    names.filter((name, at) => names.indexOf(name) !== at || name.includes('/')),
    [],
  )
  for (const name of ['events.ndjson', 'graph.json', 'report.html', '.', '..']) assert.ok(!names.includes(name), name)
  assert.equal(logName('x.y'), 'x.y')
})
