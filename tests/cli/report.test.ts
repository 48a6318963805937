import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { passedRecord, writeRun } from '../report/sample-run.ts'
import { makeProject } from './project.ts'
import { run, start } from './run.ts'

/** A task that leaves a record, as one of type run-scenario does: its log folder is found by its name. */
const recording = (record: object): string =>
  `tasks:\n  ${passedRecord.task}:\n    cache: false\n    run: |\n      cd "$(ls -d cache/runs/* | tail -1)"\n      mkdir ${passedRecord.task}\n      cat > ${passedRecord.task}/scenario.json <<'EOF'\n      ${JSON.stringify(record)}\n      EOF\n`

test('a flow that ran scenarios ends with their table and names the page', async context => {
  const cwd = makeProject(context, { 'workflows/verify.yaml': recording(passedRecord) })
  const { code, stdout, stderr } = await run(['flow', 'verify'], { cwd })
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^\nscenario +verdict +reads .*\nlb-owner-stop +passed +3\.9 of 4\.1 s/)
  const [, page = ''] = /\n\npassed in .* · logs in \S+ · report in (\S+report\.html)\n$/.exec(stdout) ?? []
  assert.match(readFileSync(join(cwd, page), 'utf8'), /<h2 id="scenario-1-name">lb-owner-stop<\/h2>/)
  const json = await run(['flow', 'verify', '--json'], { cwd })
  const types = json.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line).type)
  assert.deepEqual(types.slice(-3), ['scenario', 'page', 'run-finished'])
})

test('report shows the latest run with records, writes it as a page, and takes a name or a folder', async context => {
  const cwd = makeProject(context, {})
  const dir = writeRun(join(cwd, 'cache'), {})
  const other = await run(['flow', 'compile'], { cwd })
  const [, otherDir = ''] = /logs in (\S+)/.exec(other.stdout) ?? []
  const graph: { tasks: object[] } = JSON.parse(readFileSync(join(cwd, otherDir, 'graph.json'), 'utf8'))
  assert.deepEqual(graph.tasks[1], { name: 'count', type: 'run', needs: ['compile'], after: [] })
  assert.equal((await run(['report', otherDir], { cwd })).code, 2)
  const latest = await run(['report'], { cwd })
  assert.equal(latest.code, 0, latest.stderr)
  assert.match(latest.stdout, /^verify failed, run 20260101-000000\n\nscenario +verdict/)
  assert.equal((await run(['report', '20260101-000000'], { cwd })).stdout, latest.stdout)
  assert.equal((await run(['report', dir], { cwd })).stdout, latest.stdout)
  const page = await run(['report', '--html', 'out/page.html'], { cwd })
  assert.equal(page.stdout, 'Wrote out/page.html\n')
  assert.match(readFileSync(join(cwd, 'out/page.html'), 'utf8'), /^<!doctype html>/)
})

/** More than a pipe holds. */
const manyRecords = Array.from({ length: 200 }, (_, number) => ({ ...passedRecord, task: `scenario-${number}` }))

test('a reader that takes its time gets all records', async context => {
  const cwd = makeProject(context, {})
  writeRun(join(cwd, 'cache'), { records: manyRecords })
  const { child, ended } = start(['report', '--json'], { cwd })
  child.stdout?.pause()
  setTimeout(() => child.stdout?.resume(), 1_000)
  const { code, stdout } = await ended
  assert.equal(code, 0)
  assert.ok(stdout.length > 500_000, `only ${stdout.length} bytes: too few to fill a pipe`)
  assert.equal(stdout.trim().split('\n').length, manyRecords.length)
})

test('a reader that goes away ends the output, not the command', async context => {
  const cwd = makeProject(context, {})
  writeRun(join(cwd, 'cache'), { records: manyRecords })
  const { child, ended } = start(['report', '--json'], { cwd })
  child.stdout?.destroy()
  assert.equal((await ended).code, 0)
})

test('an unknown run, and one without scenarios, are wrong usage, with what to do', async context => {
  const cwd = makeProject(context, {})
  assert.match((await run(['report'], { cwd })).stderr, /^error: Cannot report: no run in \S+ ran scenarios\n/)
  writeRun(join(cwd, 'cache'), {})
  const unknown = await run(['report', '20260101-000001'], { cwd })
  assert.equal(unknown.code, 2)
  assert.match(
    unknown.stderr,
    /^error: Unknown run "20260101-000001"; did you mean "20260101-000000"\?\n {2}try: {3}one of/,
  )
  assert.equal((await run(['report', '--compare', '20260101-000000'], { cwd })).code, 2)
  assert.equal((await run(['report', '--compare', '20260101-000000', 'nothing'], { cwd })).code, 2)
})

test('two runs are compared', async context => {
  const cwd = makeProject(context, {})
  writeRun(join(cwd, 'cache'), {})
  const faster = passedRecord.measures.map(one => ({ ...one, measured: one.measured / 10 }))
  writeRun(join(cwd, 'cache'), { run: '20260102-000000', records: [{ ...passedRecord, measures: faster }] })
  const { code, stdout } = await run(['report', '--compare', '20260101-000000', '20260102-000000'], { cwd })
  assert.equal(code, 0)
  assert.match(stdout, /^20260101-000000 -> 20260102-000000\n\nSame versions, timers and settings\.\n/)
  assert.match(stdout, /better {2}lb-owner-stop {2}passed\n +reads +3890 ms -> +389 ms {2}-3501 ms, -90 % {2}better\n/)
  assert.match(stdout, /only in 20260101-000000: partition-lbs\[IPv6\], power-cut\n/)
})

test('a graph is drawn as SVG', async context => {
  const cwd = makeProject(context, {})
  const { code, stdout } = await run(['graph', 'compile', '--format', 'svg'], { cwd })
  assert.equal(code, 0)
  assert.match(stdout, /^<svg role="img" aria-label="Tasks of compile" .*>compile<\/text>.*>count<\/text>.*<\/svg>\n$/s)
})
