/** A scenario that could not be judged is neither passed nor failed, in every report. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { ScenarioRecord } from '../../src/ha/record/record.ts'
import { runPage } from '../../src/report/html/page.ts'
import { jsonReporter } from '../../src/report/json.ts'
import { readRun } from '../../src/report/read-run.ts'
import { isUndecided, verdictCounts } from '../../src/report/scenario-figures.ts'
import { scenarioTable } from '../../src/report/scenario-table.ts'
import { lineReporter } from '../../src/report/terminal/line.ts'
import { junitOf } from './junit-of.ts'
import { sampleEvents, sampleRecords, sampleRun } from './sample-run.ts'

const [passed = assert.fail(), failed = assert.fail()] = sampleRecords
const figures = 'too-slow: the machine was: probes that were due began late, 3.20 s in all'
const open: ScenarioRecord = {
  ...failed,
  verdict: 'not judged',
  reasons: [figures, 'writes: 5.31 s, and the budget is 4.06 s'],
}

/** The sample, whose failed scenario is one that was not judged. */
function undecidedRun(context: TestContext) {
  const dir = sampleRun(context)
  writeFileSync(join(dir, open.task, 'scenario.json'), JSON.stringify(open))
  return dir
}

test('the table says so, with the figures, and without a word of failure', context => {
  const text = scenarioTable(readRun(undecidedRun(context)), { color: false, columns: 140, displayPath: () => 'RUN' })
  assert.match(text, /^partition-lbs\[IPv6\] +not judged /m)
  assert.match(text, /^not judged partition-lbs\[IPv6\]\n {2}too-slow: the machine was: .* 3\.20 s in all$/m)
  assert.match(text, /^ {2}Something on the machine waited for a CPU 21 % of the time\.$/m)
  assert.doesNotMatch(text, /FAILED/)
  assert.equal(verdictCounts([passed, open]), '1 passed, 1 not judged')
})

test('JUnit has it as skipped, with the figures', context => {
  const xml = junitOf(undecidedRun(context))
  assert.match(xml, /<testsuite name="verify" tests="9" failures="1" errors="0" skipped="3"/)
  const [, own = ''] = xml.split('name="partition-lbs[IPv6]"')
  assert.match(own, /^[^/]*<skipped message="too-slow: the machine was: .* 3\.20 s in all; writes: 5\.31 s/s)
  assert.doesNotMatch(own.split('</testcase>')[0] ?? '', /<failure/)
  assert.match(own, /not judged: /)
})

test('JSON and the page have the verdict, and the page a sign of its own', async context => {
  const dir = undecidedRun(context)
  const lines: string[] = []
  const output = { result: (text: string) => lines.push(text), progress: () => {} }
  jsonReporter(output).event({ type: 'scenarios', run: readRun(dir), table: '' })
  const told = lines.map(line => JSON.parse(line)).find(one => one.task === open.task)
  assert.deepEqual([told.verdict, told.reasons[0]], ['not judged', figures])
  assert.match(await runPage(readRun(dir)), /<span class="badge not-judged">\? not judged<\/span>/)
})

test('a run in which nothing else failed is one that was not judged', context => {
  const dir = undecidedRun(context)
  const run = readRun(dir)
  assert.equal(isUndecided(run), false)
  const only = { ...run, tasks: run.tasks.filter(({ name, status }) => status !== 'failed' || name === open.task) }
  assert.equal(isUndecided(only), true)
  assert.equal(isUndecided({ ...only, scenarios: [] }), false)
  const results: string[] = []
  const options = { color: false, verbose: false, displayPath: (path: string) => path }
  const output = { result: (text: string) => results.push(text), progress: () => {} }
  const reporter = lineReporter({ ...options, output })
  for (const event of sampleEvents(dir).slice(0, -1)) reporter.event(event)
  reporter.event({ type: 'scenarios', run: only, table: '' })
  for (const event of sampleEvents(dir).slice(-1)) reporter.event(event)
  assert.match(results.join(''), /^not judged in /m)
})
