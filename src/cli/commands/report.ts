/** `k8s-ha report`: the verdicts of a run's scenarios as a table or a page, or those of two runs compared. */

import { existsSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { eventsFile, runNames } from '../../engine/event-log.ts'
import { failed, messageOf, usage } from '../../platform/failure.ts'
import { makeFolder } from '../../platform/files.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { compareRuns } from '../../report/compare-runs.ts'
import { comparisonText } from '../../report/comparison-text.ts'
import { type ReadRun, readRun } from '../../report/read-run.ts'
import { recordDirs } from '../../report/record-dirs.ts'
import { isUndecided } from '../../report/scenario-figures.ts'
import { scenarioTable } from '../../report/scenario-table.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import type { CommandSpec, Invocation } from '../command.ts'
import { displayPath } from '../display-path.ts'
import { openProject } from '../open-project.ts'
import { projectOptions } from '../project-options.ts'
import { tableOptions } from '../report-scenarios.ts'

export default {
  details: 'Without a run: the latest one that ran scenarios. A run is a name that `runs` lists, or its folder.',
  arguments: [{ name: '[run...]', description: 'the run; two with --compare', completes: 'run' }],
  options: [
    ...projectOptions,
    { flags: '--html <file>', description: 'write it as one page that needs no network' },
    { flags: '--compare', description: 'show what got better or worse from the first run to the second' },
    { flags: '--json', description: 'the records, one a line' },
  ],

  async run(invocation) {
    const { args, options } = invocation
    const compare = options.flag('compare')
    if (compare && options.text('html') !== undefined)
      return fail(usage('Cannot write a comparison as HTML: --html takes one run'))
    if (args.length > 2 || (args.length === 2) !== compare)
      return fail(
        usage(`Cannot report on ${args.length} runs${compare ? ': --compare takes two' : ''}`, {
          try: compare ? './k8s-ha runs' : './k8s-ha report --compare RUN1 RUN2',
        }),
      )
    const opened = await openProject(invocation)
    if (!opened.ok) return opened
    const folder = join(opened.value.project.cacheDir, 'runs')
    const runs: ReadRun[] = []
    for (const name of args.length === 0 ? [undefined] : args) {
      const dir = name === undefined ? latestRun(folder) : findRun(folder, name, invocation.cwd)
      if (!dir.ok) return dir
      const run = readRun(dir.value)
      if (run.scenarios.length + run.notRun.length === 0 && args.length > 0) return fail(withoutRecords(run))
      runs.push(run)
    }
    const [first, second] = runs
    if (first && second) return tellComparison(first, second, invocation)
    return first ? tell(first, invocation) : ok(0)
  },
} satisfies CommandSpec

async function tell(run: ReadRun, invocation: Invocation): Promise<Result<number>> {
  const { console, options, cwd } = invocation
  const html = options.text('html')
  if (html !== undefined) {
    const { runPage } = await import('../../report/html/page.ts')
    const file = resolve(cwd, html)
    const page = await runPage(run)
    try {
      makeFolder(dirname(file))
      writeFileSync(file, page)
    } catch (error) {
      return fail(failed(`Cannot write ${file}: ${messageOf(error)}`))
    }
    console.out(`Wrote ${displayPath(file, cwd)}\n`)
    return ok(0)
  }
  if (options.flag('json')) {
    for (const { record } of run.scenarios) console.out(`${JSON.stringify(record)}\n`)
    for (const problem of run.problems) console.err(`warning: ${problem}\n`)
    return ok(0)
  }
  console.out(
    `${run.flow} ${isUndecided(run) ? 'not judged' : run.status}, run ${run.run}\n\n${scenarioTable(run, tableOptions(invocation))}`,
  )
  return ok(0)
}

function tellComparison(before: ReadRun, after: ReadRun, invocation: Invocation): Result<number> {
  const records = (run: ReadRun) => run.scenarios.map(({ record }) => record)
  const comparison = compareRuns(records(before), records(after))
  for (const problem of [...before.problems, ...after.problems]) invocation.console.err(`warning: ${problem}\n`)
  if (invocation.options.flag('json')) invocation.console.out(`${JSON.stringify(comparison)}\n`)
  else {
    const names = { before: before.run, after: after.run }
    invocation.console.out(comparisonText(comparison, { ...tableOptions(invocation), ...names }))
  }
  return ok(0)
}

function latestRun(folder: string): Result<string> {
  const latest = runNames(folder).findLast(name => recordDirs(join(folder, name)).length > 0)
  if (latest !== undefined) return ok(join(folder, latest))
  return fail(usage(`Cannot report: no run in ${folder} ran scenarios`, { try: './k8s-ha flow' }))
}

/** A name, or a folder wherever it lies. */
function findRun(folder: string, name: string, cwd: string): Result<string> {
  const known = runNames(folder)
  if (known.includes(name)) return ok(join(folder, name))
  const path = resolve(cwd, name)
  if (existsSync(eventsFile(path)) || recordDirs(path).length > 0) return ok(path)
  const withRecords = known.filter(run => recordDirs(join(folder, run)).length > 0)
  const latest = withRecords.slice(-3).toReversed().join(', ')
  return fail(
    usage(`Unknown run "${name}"${didYouMean(basename(name), withRecords.length > 0 ? withRecords : known)}`, {
      try: latest === '' ? './k8s-ha runs' : `one of the latest with scenarios: ${latest}; ./k8s-ha runs lists all`,
    }),
  )
}

function withoutRecords(run: ReadRun) {
  const [problem] = run.problems
  if (problem !== undefined) return failed(problem)
  return usage(`Cannot report on run ${run.run}: flow ${run.flow} ran no scenarios`, { try: './k8s-ha report' })
}
