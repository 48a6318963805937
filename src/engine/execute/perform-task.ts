/** Brings one task to its end: what was settled is carried out, and what its program made is published. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { monotonicMs } from '../../platform/clock.ts'
import type { Failure } from '../../platform/failure.ts'
import { together } from '../../platform/failure.ts'
import { removeTree } from '../../platform/files.ts'
import type { Result } from '../../platform/result.ts'
import { systemFailure } from '../../platform/system-error.ts'
import { placeText } from '../../text/source-text.ts'
import { clearOutput } from '../files/output-place.ts'
import type { Fingerprint } from '../plan/fingerprint.ts'
import { cannotBeUsed } from '../plan/look-up.ts'
import { type Ended, noteOf } from '../plan/outcome.ts'
import { settle } from '../plan/settle.ts'
import type { Restore, Run, Settled } from '../plan/settled.ts'
import type { Ran, RunHooks } from '../runners/runner.ts'
import { outputsOf } from '../store/manifest.ts'
import { placesAmong } from '../workflow/output-globs.ts'
import type { Task } from '../workflow/workflow.ts'
import { foreignOutputs } from './checks/foreign-outputs.ts'
import { clearOwnGlobbed, ownGlobbedFiles, sharedFile } from './globbed-outputs.ts'
import { makeJob } from './make-job.ts'
import { publishResult } from './publish-result.ts'
import { restoreResult } from './restore-result.ts'
import type { RunContext } from './run-context.ts'

/** A task whose turn has come. */
interface Turn {
  readonly task: Task
  readonly context: RunContext
  readonly startedMs: number
  /** To be called once the task's program will not run again, though its outputs are still to be stored. */
  readonly hasRun: () => void
}

type Outcome = Omit<Ended, 'task' | 'durationMs'>

export async function performTask(task: Task, context: RunContext, hasRun: () => void): Promise<Ended> {
  const startedMs = monotonicMs()
  const settled = await settle(task, context, 'run')
  const { status, because, ...more } = await carryOutOrFail(settled, { task, context, startedMs, hasRun })
  const ended = { task: task.name, status, because, durationMs: monotonicMs() - startedMs, ...more }
  context.log.taskEnded(ended, 'print' in settled ? settled.print : undefined)
  return ended
}

/** What the system refuses on the way fails the task; the others go on as after any failure. */
async function carryOutOrFail(settled: Settled, turn: Turn): Promise<Outcome> {
  const { task, context } = turn
  try {
    return await carryOut(settled, turn)
  } catch (error) {
    const at = { kind: 'failed' as const, at: placeText(task.place) }
    const failure = systemFailure(`Cannot keep what "${task.name}" made`, error, at)
    discardOutputs(task, context)
    return broken(failure, { because: settled.because, started: settled.action === 'run' })
  }
}

async function carryOut(settled: Settled, turn: Turn): Promise<Outcome> {
  const { because } = settled
  switch (settled.action) {
    case 'pass over':
    case 'group':
      return { status: settled.status, because, started: false }
    case 'up-to-date':
      return { status: 'up-to-date', because, started: false, ...noteOf(settled.note) }
    case 'fail':
      return broken(settled.failure, { because, started: false })
    case 'restore':
    case 'run': {
      const { task, context } = turn
      const brought = settled.action === 'restore' ? outputsOf(settled.manifest, task.outputs) : undefined
      const shared = sharedFile(task, context, brought)
      if (shared) return broken(shared, { because, started: false })
      const foreign = foreignOutputs(task, context)
      if (foreign.length > 0) return broken(together(foreign), { because, started: false })
      return settled.action === 'run' ? run(settled, turn) : restoreOrRun(settled, turn)
    }
    case 'unknown':
      throw new Error(`The turn of ${turn.task.name} came too early: ${because}`)
  }
}

async function restoreOrRun(found: Restore, turn: Turn): Promise<Outcome> {
  const { because, print, record, changes } = found
  const problem = await restoreResult(turn.task, found, turn.context)
  if (problem !== undefined)
    return run({ action: 'run', because: because + cannotBeUsed(problem), print, changes }, turn)
  const from = found.remote ? { from: 'remote' as const } : {}
  return { status: 'restored', because, started: false, ...from, ...noteOf(record.note) }
}

async function run({ because, print }: Run, turn: Turn): Promise<Outcome> {
  const { task, context } = turn
  context.places.begin(task.outputs)
  context.log.tell({ type: 'task-started', task: task.name, because })
  const result = await runWithRetries(print, turn)
  if (result.ok) return { status: 'executed', because, started: true, ...noteOf(result.value.note) }
  if (print) context.planner.rememberFailure(task, print)
  const log = context.log.taskLog(task.name)
  const failure = result.failure.log === undefined && existsSync(log) ? { ...result.failure, log } : result.failure
  return broken(failure, { because, started: true })
}

const broken = (failure: Failure, { because, started }: Pick<Outcome, 'because' | 'started'>): Outcome =>
  failure.kind === 'interrupted'
    ? { status: 'cancelled', because: 'interrupted', started, failure }
    : { status: 'failed', because, started, failure }

async function runWithRetries(print: Fingerprint | undefined, turn: Turn): Promise<Result<Ran>> {
  const { task, context } = turn
  for (let attempt = 1; ; attempt++) {
    const isLast = attempt > task.retries
    const result = await runOnce(print, attempt, isLast ? turn : { ...turn, hasRun: () => {} })
    if (result.ok) return result
    discardOutputs(task, context)
    if (result.failure.kind === 'interrupted' || isLast) return result
    context.log.warn(`try ${attempt} of ${task.retries + 1} failed: ${result.failure.message}`, task.name)
  }
}

async function runOnce(print: Fingerprint | undefined, attempt: number, turn: Turn): Promise<Result<Ran>> {
  const { task, context, startedMs, hasRun } = turn
  const job = makeJob(task, context, { print, attempt })
  if (!job.ok) return job
  clearOwnGlobbed(task, context)
  const result = await context.runner.run(job.value, hooksOf(task, context))
  if (!result.ok) return result
  hasRun()
  const durationMs = monotonicMs() - startedMs
  const { note, onlyNow = false } = result.value
  const published = await publishResult(task, context, { print, durationMs, onlyNow, ...noteOf(note) })
  return published.ok ? result : published
}

function hooksOf({ name, always }: Task, { how, log }: RunContext): RunHooks {
  return {
    // Ctrl-C lets clean-up tasks run; once more ends them, too.
    signal: always ? how.hardSignal : how.signal,
    logDir: () => log.taskDir(name),
    onOutput: (output, stream) => log.printed(name, output, stream),
    onProgress: text => log.tell({ type: 'task-progress', task: name, text }),
    onEvent: (kind, data) => log.tell({ type: 'task-event', task: name, kind, data }),
  }
}

function discardOutputs(task: Task, context: RunContext): void {
  const { project, planner } = context
  for (const output of placesAmong(task.outputs)) {
    try {
      clearOutput(project.projectDir, output)
      removeTree(join(project.projectDir, output))
    } catch {}
  }
  try {
    clearOwnGlobbed(task, context)
    context.places.end(task.outputs, ownGlobbedFiles(task, context))
  } catch {}
  planner.settled(task, undefined)
}
