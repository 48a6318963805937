import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { jsonReporter } from '../../src/report/json.ts'
import { readRun } from '../../src/report/read-run.ts'
import { recordedRun } from './recorded-run.ts'
import { passedRecord, sampleRecords, sampleRun } from './sample-run.ts'

test('every event is one line, as it is, what tasks report of themselves among them', () => {
  const written: string[] = []
  const reporter = jsonReporter({ result: text => written.push(text), progress: () => assert.fail('on stderr') })
  for (const event of recordedRun) reporter.event(event)
  reporter.close()
  for (const line of written) assert.match(line, /^[^\n]+\n$/)
  assert.deepEqual(
    written.map(line => JSON.parse(line)),
    recordedRun,
  )
  assert.ok(recordedRun.some(({ type }) => type === 'task-event'))
})

test('the results of scenarios are one line each, with where the record is, then the page', t => {
  const written: object[] = []
  const reporter = jsonReporter({ result: text => written.push(JSON.parse(text)), progress: () => undefined })
  const run = readRun(sampleRun(t))
  reporter.event({ type: 'scenarios', run, table: 'not for programs', page: '/run/report.html' })
  const { task, scenario, verdict, reasons, measures, lostWrites, recoveryMs } = passedRecord
  const dir = join(run.dir, task)
  assert.deepEqual(written[0], {
    ...{ type: 'scenario', task, scenario, verdict, reasons, measures, lostWrites, recoveryMs, dir },
  })
  assert.equal(written.length, sampleRecords.length + 1)
  assert.deepEqual(written.at(-1), { type: 'page', file: '/run/report.html' })
})
