import assert from 'node:assert/strict'
import { test } from 'node:test'
import { junitReporter } from '../../src/report/junit.ts'
import { recordedRun } from './recorded-run.ts'

function report(): string {
  const documents: string[] = []
  const reporter = junitReporter(xml => documents.push(xml))
  for (const event of recordedRun) reporter.event(event)
  reporter.close()
  assert.equal(documents.length, 1)
  return documents.join('')
}

test('every task is a test case; failures and skipped ones are counted', () => {
  const xml = report()
  assert.match(xml, /<testsuite name="test-ipv6" tests="4" failures="1" errors="0" skipped="1" time="62\.000"/)
  assert.equal(xml.match(/<testcase /g)?.length, 4)
  assert.match(
    xml,
    /<failure message="The API did not answer through the VIP within 60 s" type="failed">error: The API/,
  )
  assert.match(xml, /<skipped message="lb-reboot failed"\/>/)
})

test('what tasks printed is escaped, and characters that XML does not know are replaced', () => {
  const xml = report()
  assert.match(xml, /still &lt;no&gt; answer/)
  const documents: string[] = []
  const reporter = junitReporter(text => documents.push(text))
  const at = '2026-01-01T00:00:00.000Z'
  reporter.event({ type: 'run-started', run: 'r', flow: 'a"b&c', tasks: 1, at })
  reporter.event({
    type: 'task-finished',
    task: 't\u0000\u001b\uFFFE',
    status: 'executed',
    because: "it's",
    durationMs: 1,
    at,
  })
  reporter.event({ type: 'run-finished', run: 'r', status: 'passed', durationMs: 1, counts: { executed: 1 }, at })
  assert.match(documents.join(''), /<testcase name="t\uFFFD\uFFFD\uFFFD" classname="a&quot;b&amp;c"/)
})
