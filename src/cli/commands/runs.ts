/** `k8s-ha runs`: the runs whose logs are kept, the latest last. */
import { join } from 'node:path'
import { readEnds, runNames } from '../../engine/event-log.ts'
import { runsDir } from '../../engine/store/cache-layout.ts'
import { ok } from '../../platform/result.ts'
import { formatDuration } from '../../report/format-duration.ts'
import type { CommandSpec } from '../command.ts'
import { displayPath } from '../display-path.ts'
import { openProject } from '../open-project.ts'
import { projectOptions } from '../project-options.ts'

interface KeptRun {
  readonly run: string
  readonly flow: string
  /** `unfinished`: it still runs, or it was killed. */
  readonly status: string
  readonly startedAt?: string
  readonly durationMs?: number
  readonly counts?: Readonly<Record<string, number>>
  readonly runDir: string
}

export default {
  options: [...projectOptions, { flags: '--json', description: 'one run a line, as JSON' }],

  async run(invocation) {
    const opened = await openProject(invocation)
    if (!opened.ok) return opened
    const folder = runsDir(opened.value.project.cacheDir)
    const runs = runNames(folder).map(name => readRun(name, join(folder, name)))
    const json = invocation.options.flag('json')
    const width = Math.max(0, ...runs.map(({ flow }) => flow.length))
    for (const run of runs)
      invocation.console.out(json ? `${JSON.stringify(run)}\n` : `${runLine(run, width, invocation.cwd)}\n`)
    if (runs.length === 0 && !json) invocation.console.err(`No runs in ${folder}\n`)
    return ok(0)
  },
} satisfies CommandSpec

function readRun(run: string, runDir: string): KeptRun {
  const { started, finished } = readEnds(runDir)
  return {
    run,
    flow: started?.flow ?? '?',
    status: finished?.status ?? 'unfinished',
    runDir,
    ...(started ? { startedAt: started.at } : {}),
    ...(finished ? { durationMs: finished.durationMs, counts: finished.counts } : {}),
  }
}

function runLine({ run, flow, status, durationMs, counts = {}, runDir }: KeptRun, width: number, cwd: string): string {
  const duration = durationMs === undefined ? '' : formatDuration(durationMs)
  const text = Object.entries(counts).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []))
  const facts = [`${run}  ${flow.padEnd(width)}  ${status.padEnd(10)}  ${duration.padStart(11)}`, text.join(', ')]
  return [...facts, displayPath(runDir, cwd)].filter(Boolean).join('  ')
}
