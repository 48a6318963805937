/** Runs the code of a task type: its options parsed, its time limited, its bugs kept from the run. */
import { join } from 'node:path'
import { safeParse } from 'valibot'
import { type Failure, failed, messageOf } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import type { TaskContext } from '../workflow/task-type.ts'
import type { Json } from '../workflow/workflow.ts'
import { declaredEnv, variablesOf } from './commands.ts'
import type { LocalJob } from './local-job.ts'
import type { Job, Ran } from './runner.ts'

/** How long a task type may take to end after its signal. */
const graceMs = 10_000
const timedOut = new Error('the task’s time is over')

type Note = Result<string | undefined> | Result<void>

export async function runType(
  local: LocalJob,
  { type, with: options }: { readonly type: string; readonly with: { readonly [key: string]: Json } },
): Promise<Result<Ran>> {
  const { job, hooks, machine } = local
  const load = machine.project.taskTypes[type]
  if (!load) throw new Error(`Unknown task type ${type}`)
  const { default: taskType } = await load()
  const parsed = safeParse(taskType.schema, options)
  if (!parsed.success) return fail(failed(`Task "${job.task}" has options that ${type} does not take`, { at: job.at }))
  let isOnlyNow = false
  const onlyNow = () => {
    isOnlyNow = true
  }
  const context = { ...contextOf(local), onlyNow, with: parsed.output }
  const ran = await limited(job, hooks.signal, signal => taskType.run({ ...context, signal }))
  return ran.ok && isOnlyNow ? ok({ ...ran.value, onlyNow: true }) : ran
}

async function limited(
  job: Job,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<Note>,
): Promise<Result<Ran>> {
  const stop = new AbortController()
  const end = () => stop.abort(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  const timer = job.timeoutMs > 0 ? setTimeout(() => stop.abort(timedOut), job.timeoutMs) : undefined
  const at = { at: job.at }
  try {
    const result = await Promise.race([withoutBugs(run(stop.signal), job), givenUp(stop.signal)])
    if (stop.signal.reason === timedOut)
      return fail(failed(`Cannot finish "${job.task}": it was still running after ${job.timeoutMs} ms`, at))
    if (signal.aborted && !result.ok) return fail({ ...result.failure, kind: 'interrupted' })
    if (!result.ok) return fail({ ...at, ...result.failure })
    return ok(result.value === undefined ? {} : { note: result.value })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
}

/** A task type that throws is a bug of it, which ends the task and not the run. */
async function withoutBugs(running: Promise<Note>, { task }: Job): Promise<Result<string | undefined>> {
  try {
    const result = await running
    return result.ok ? ok(result.value ?? undefined) : result
  } catch (error) {
    const failure: Failure = {
      kind: 'internal',
      message: `Task "${task}" broke off: ${messageOf(error)}`,
      ...(error instanceof Error && error.stack ? { last: error.stack } : {}),
    }
    return fail(failure)
  }
}

/** Resolves some time after the signal: a task type that ignores the signal is left behind. */
const givenUp = (signal: AbortSignal): Promise<Result<undefined>> =>
  new Promise(resolve => {
    const later = () => setTimeout(() => resolve(fail(failed('The task ignored the request to stop'))), graceMs).unref()
    if (signal.aborted) later()
    else signal.addEventListener('abort', later, { once: true })
  })

function contextOf({ job, hooks, machine }: LocalJob): Omit<TaskContext<unknown>, 'with' | 'signal' | 'onlyNow'> {
  const { projectDir, cacheDir } = machine.project
  const absolute = (paths: readonly string[]) => paths.map(path => join(projectDir, path))
  return {
    task: job.task,
    projectDir,
    cacheDir,
    outputs: absolute(job.outputs),
    inputs: absolute(job.inputs.map(({ path }) => path)),
    needs: new Map(job.needs.map(({ task, outputs }) => [task, absolute(outputs)])),
    env: declaredEnv(variablesOf(job, machine.project)),
    logDir: hooks.logDir(),
    settings: machine.settings,
    log: text => hooks.onOutput(text.endsWith('\n') ? text : `${text}\n`, 'stdout'),
    progress: hooks.onProgress,
    event: hooks.onEvent,
  }
}
