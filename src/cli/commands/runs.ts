/** `k8s-ha runs`: the runs whose logs are kept, the latest last. */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
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
    const runs = keptRuns(join(opened.value.project.cacheDir, 'runs'))
    const json = invocation.options.flag('json')
    const width = Math.max(0, ...runs.map(({ flow }) => flow.length))
    for (const run of runs)
      invocation.console.out(json ? `${JSON.stringify(run)}\n` : `${runLine(run, width, invocation.cwd)}\n`)
    if (runs.length === 0 && !json) invocation.console.err(`No runs in ${opened.value.project.cacheDir}/runs\n`)
    return ok(0)
  },
} satisfies CommandSpec

function keptRuns(folder: string): readonly KeptRun[] {
  try {
    // Names are dates: their order is that of time.
    return readdirSync(folder)
      .sort()
      .map(name => readRun(name, join(folder, name)))
  } catch {
    return []
  }
}

function readRun(run: string, runDir: string): KeptRun {
  const { first, last } = ends(join(runDir, 'events.ndjson'))
  const finished = last.type === 'run-finished' ? last : undefined
  return {
    run,
    flow: String(first.flow ?? '?'),
    status: String(finished?.status ?? 'unfinished'),
    runDir,
    ...(typeof first.at === 'string' ? { startedAt: first.at } : {}),
    ...(typeof finished?.durationMs === 'number' ? { durationMs: finished.durationMs } : {}),
    ...(finished?.counts instanceof Object ? { counts: countsOf(finished.counts) } : {}),
  }
}

const countsOf = (counts: object): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(counts).map(([status, count]) => [status, Number(count)]))

type Fields = Readonly<Record<string, unknown>>
const endBytes = 16_384

/** The first and the last event; logs may be long, so only their ends are read. */
function ends(file: string): { readonly first: Fields; readonly last: Fields } {
  try {
    const descriptor = openSync(file, 'r')
    try {
      const size = fstatSync(descriptor).size
      const head = readPart(descriptor, 0).split('\n')
      const tail = readPart(descriptor, Math.max(0, size - endBytes))
        .trimEnd()
        .split('\n')
      return { first: parse(head[0]), last: parse(tail.at(-1)) }
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return { first: {}, last: {} }
  }
}

function readPart(descriptor: number, position: number): string {
  const buffer = Buffer.alloc(endBytes)
  return buffer.subarray(0, readSync(descriptor, buffer, 0, endBytes, position)).toString('utf8')
}

/** Nothing for a line that a killed run left unfinished. */
function parse(line = ''): Fields {
  try {
    return { ...JSON.parse(line) }
  } catch {
    return {}
  }
}

function runLine({ run, flow, status, durationMs, counts = {}, runDir }: KeptRun, width: number, cwd: string): string {
  const duration = durationMs === undefined ? '' : formatDuration(durationMs)
  const text = Object.entries(counts).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []))
  const facts = [`${run}  ${flow.padEnd(width)}  ${status.padEnd(10)}  ${duration.padStart(11)}`, text.join(', ')]
  return [...facts, displayPath(runDir, cwd)].filter(Boolean).join('  ')
}
