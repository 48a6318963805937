import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonReporter } from '../../src/report/json.ts'
import { recordedRun } from './recorded-run.ts'

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
