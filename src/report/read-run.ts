/** Reads a run's folder: its events, its graph, and the records of the scenarios that it ran. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as v from 'valibot'
import { readEvents } from '../engine/event-log.ts'
import type { RunEvent } from '../engine/events.ts'
import { recordFormat, type ScenarioRecord } from '../ha/record/record.ts'
import { recordSchema } from '../ha/record/record-schema.ts'
import { failed, messageOf } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { recordDirs, recordFile } from './record-dirs.ts'

export interface RunScenario {
  readonly record: ScenarioRecord
  /** The folder that holds the record, and the logs. */
  readonly dir: string
}

export interface RunTask {
  readonly name: string
  readonly description?: string
  /** A task type, "run" or "group". */
  readonly type: string
  readonly needs: readonly string[]
  readonly after: readonly string[]
  /** Absent: it has not ended. */
  readonly status?: string
  readonly durationMs?: number
  /** Its own word for the summary, or why it failed or did not run. */
  readonly note?: string
}

export interface ReadRun {
  readonly run: string
  readonly dir: string
  readonly flow: string
  /** `unfinished`: it still runs, or it was killed. */
  readonly status: 'passed' | 'failed' | 'cancelled' | 'unfinished'
  readonly startedAt?: string
  readonly durationMs?: number
  readonly tasks: readonly RunTask[]
  /** In the order in which they began. */
  readonly scenarios: readonly RunScenario[]
  /** Tasks that would have run a scenario, and left no record: what they need failed. */
  readonly notRun: readonly RunTask[]
  /** Records that cannot be read, in words. */
  readonly problems: readonly string[]
}

export function readRun(runDir: string): ReadRun {
  const events = readEvents(runDir)
  const started = events.find(event => event.type === 'run-started')
  const finished = events.find(event => event.type === 'run-finished')
  const tasks = readTasks(runDir, events)
  const scenarios: RunScenario[] = []
  const problems: string[] = []
  for (const dir of recordDirs(runDir)) {
    const record = readRecord(join(dir, recordFile))
    if (record.ok) scenarios.push({ record: record.value, dir })
    else problems.push(record.failure.message)
  }
  scenarios.sort((a, b) => Date.parse(a.record.startedAt) - Date.parse(b.record.startedAt))
  const recorded = new Set(scenarios.map(({ record }) => record.task))
  return {
    run: started?.run ?? basename(runDir),
    dir: runDir,
    flow: started?.flow ?? '?',
    status: finished?.status ?? 'unfinished',
    ...(started ? { startedAt: started.at } : {}),
    ...(finished ? { durationMs: finished.durationMs } : {}),
    tasks,
    scenarios,
    notRun: tasks.filter(({ name, type }) => type === 'run-scenario' && !recorded.has(name)),
    problems,
  }
}

export function readRecord(file: string): Result<ScenarioRecord> {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    return fail(failed(`Cannot read ${file}: ${messageOf(error)}`))
  }
  const format = json instanceof Object && 'format' in json ? json.format : undefined
  if (typeof format === 'number' && format > recordFormat)
    return fail(
      failed(`Cannot read ${file}: it has format ${format}, this k8s-ha knows formats up to ${recordFormat}`, {
        try: 'the k8s-ha that wrote it, or a newer one',
      }),
    )
  const parsed = v.safeParse(recordSchema, json)
  if (parsed.success) return ok(parsed.output)
  const [issue] = parsed.issues
  const at = v.getDotPath(issue)
  return fail(failed(`Cannot read ${file}: ${at === null ? '' : `${at}: `}${issue.message}`))
}

const name = v.string()
const graphSchema = v.object({
  tasks: v.array(
    v.object({
      name,
      description: v.optional(v.string()),
      type: v.string(),
      needs: v.array(name),
      after: v.array(name),
    }),
  ),
})

type GraphTask = v.InferOutput<typeof graphSchema>['tasks'][number]

/** From the run's graph; of runs without one, the tasks that ended. */
function readTasks(runDir: string, events: readonly RunEvent[]): readonly RunTask[] {
  const ended = new Map(events.flatMap(event => (event.type === 'task-finished' ? [[event.task, event] as const] : [])))
  const known = readGraph(join(runDir, 'graph.json'))
  const tasks: readonly GraphTask[] =
    known ?? [...ended.keys()].map(task => ({ name: task, type: '?', needs: [], after: [] }))
  return tasks.map(({ description, ...task }) => {
    const event = ended.get(task.name)
    const note = event?.failure?.message ?? event?.note ?? (event?.status === 'skipped' ? event.because : undefined)
    return {
      ...task,
      ...(description === undefined ? {} : { description }),
      ...(event === undefined ? {} : { status: event.status, durationMs: event.durationMs }),
      ...(note === undefined ? {} : { note }),
    }
  })
}

function readGraph(file: string) {
  try {
    const parsed = v.safeParse(graphSchema, JSON.parse(readFileSync(file, 'utf8')))
    return parsed.success ? parsed.output.tasks : undefined
  } catch {
    return undefined
  }
}
