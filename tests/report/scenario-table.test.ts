import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readRun } from '../../src/report/read-run.ts'
import { cpuWaitText, scenarioLabels } from '../../src/report/scenario-figures.ts'
import { scenarioTable } from '../../src/report/scenario-table.ts'
import { sampleRecords, sampleRun } from './sample-run.ts'

const options = (columns: number) => ({
  color: false,
  columns,
  displayPath: () => 'cache/runs/RUN/partition-lbs[IPv6]',
})

test('at 140 columns every figure stands beside its limit, and what failed of reads or writes is the worse of both', context => {
  const [head, passed, failed] = scenarioTable(readRun(sampleRun(context)), options(140)).split('\n')
  assert.equal(
    head,
    'scenario             verdict         reads         writes    keep-alive      disturbed  failed  VIP moved  elections  lost  recovery',
  )
  assert.equal(
    passed,
    'lb-owner-stop        passed   3.9 of 4.1 s   3.9 of 4.1 s  3.9 of 4.1 s   4.0 of 4.1 s    21 %      3.6 s          0     0    0.52 s',
  )
  assert.equal(
    failed,
    'partition-lbs[IPv6]  FAILED     0 of 4.1 s  !5.3 of 4.1 s  2.4 of 4.1 s  !9.7 of 4.1 s   !61 %      3.6 s          1     2         -',
  )
})

test('at 80 columns it is shorter, and nothing is wider than the window', context => {
  const run = readRun(sampleRun(context))
  assert.match(scenarioTable(run, options(80)), /^partition-lbs\[IPv6\] {2}FAILED {5}0\/4\.1 {2}!5\.3\/4\.1/m)
  for (const columns of [60, 80, 100, 120, 200])
    for (const line of scenarioTable(run, options(columns)).split('\n'))
      assert.ok(line.length <= columns, `${line.length} > ${columns}: ${line}`)
})

test('reasons, skipped scenarios and those that never ran follow; the table itself is ASCII', context => {
  const text = scenarioTable(readRun(sampleRun(context)), options(80))
  assert.match(text, /^FAILED partition-lbs\[IPv6\]\n {2}no-lost-writes: expected: every acknowledged write/m)
  assert.match(text, /^ {2}Something on the machine waited for a CPU 21 % of the time\.$/m)
  assert.match(text, /^ {2}logs: cache\/runs\/RUN\/partition-lbs\[IPv6\]$/m)
  assert.match(text, /^skipped power-cut: driver netns cannot cut the power/m)
  assert.match(text, /^not run never-ran: start-cluster\[stacked\] failed$/m)
  const [table = ''] = text.split('\n\n')
  assert.doesNotMatch(table, /[^\n -~]/)
})

test('a planted defect that was caught is told as such, and not as a failure', context => {
  const dir = sampleRun(context)
  const [, failed = assert.fail()] = sampleRecords
  writeFileSync(join(dir, failed.task, 'scenario.json'), JSON.stringify({ ...failed, verdict: 'caught' }))
  const text = scenarioTable(readRun(dir), options(80))
  assert.match(text, /^partition-lbs\S* +caught /m)
  assert.doesNotMatch(text, /FAILED/)
})

test('what programs said cannot move the cursor, colour the text or turn its direction', context => {
  const text = scenarioTable(readRun(sampleRun(context)), options(80))
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\u202E]/u)
})

test('a record that cannot be read, or is of a newer format, is named with the reason', context => {
  const dir = sampleRun(context)
  const [first, second] = sampleRecords
  writeFileSync(join(dir, 'lb-owner-stop', 'scenario.json'), JSON.stringify({ ...first, tookMs: 'long' }))
  writeFileSync(join(dir, 'partition-lbs[IPv6]', 'scenario.json'), JSON.stringify({ ...second, format: 2 }))
  writeFileSync(join(dir, 'power-cut', 'scenario.json'), '{"format":1,')
  const { problems, scenarios } = readRun(dir)
  assert.deepEqual(scenarios, [])
  assert.match(problems[0] ?? '', /lb-owner-stop\/scenario\.json: tookMs: Invalid type: Expected number/)
  assert.match(problems[1] ?? '', /it has format 2, this k8s-ha knows formats up to 1$/)
  assert.match(problems[2] ?? '', /^Cannot read .*power-cut\/scenario\.json: /)
})

test('a scenario of a matrix has its own name, and the task’s where that would be said twice', () => {
  const [first = assert.fail()] = sampleRecords
  const label = (tasks: readonly string[]) => [...scenarioLabels(tasks.map(task => ({ ...first, task }))).values()]
  assert.deepEqual(label(['verify[lb-owner-stop]', 'verify[IPv6, lb-owner-stop]', 'mine']), [
    'lb-owner-stop',
    'lb-owner-stop IPv6',
    'mine',
  ])
  assert.deepEqual(label(['a[lb-owner-stop]', 'b[lb-owner-stop]']), ['a[lb-owner-stop]', 'b[lb-owner-stop]'])
})

test('a machine that was too busy is told, with what to do', () => {
  assert.doesNotMatch(cpuWaitText(0.59), /cluster ls/)
  assert.match(cpuWaitText(0.6), /60 % of the time\. Times may be longer .*k8s-ha cluster ls/)
})
