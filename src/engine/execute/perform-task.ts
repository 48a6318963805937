/** Brings one task to its end: what was settled is carried out, and what its program made is published. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { monotonicMs } from '../../platform/clock.ts'
import { type Failure, failed } from '../../platform/failure.ts'
import { removeTree, storageProblem } from '../../platform/files.ts'
import { fail, type Result } from '../../platform/result.ts'
import { clearOutput } from '../files/output-place.ts'
import type { Fingerprint } from '../plan/fingerprint.ts'
import { cannotBeUsed } from '../plan/look-up.ts'
import { type Ended, noteOf } from '../plan/outcome.ts'
import { type Restore, type Run, type Settled, settle } from '../plan/settle.ts'
import { runTask, temporaryFor } from '../runners/local-runner.ts'
import type { Programs } from '../runners/programs.ts'
import type { Task } from '../workflow/workflow.ts'
import { publishResult } from './publish-result.ts'
import { restoreResult } from './restore-result.ts'
import { type Performer, programsOf } from './run-context.ts'

/** A task whose turn has come. */
interface Turn {
  readonly task: Task
  readonly performer: Performer
  readonly startedMs: number
  /** To be called once the task's program will not run again, though its outputs are still to be stored. */
  readonly hasRun: () => void
}

type Outcome = Omit<Ended, 'task' | 'durationMs'>

export async function performTask(task: Task, performer: Performer, hasRun: () => void): Promise<Ended> {
  const startedMs = monotonicMs()
  const settled = await settle(task, performer, 'run')
  const { status, because, ...more } = await carryOut(settled, { task, performer, startedMs, hasRun })
  const ended = { task: task.name, status, because, durationMs: monotonicMs() - startedMs, ...more }
  performer.log.taskEnded(ended, 'print' in settled ? settled.print : undefined)
  return ended
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
      return restoreOrRun(settled, turn)
    case 'run':
      return run(settled, turn)
    case 'unknown':
      throw new Error(`The turn of ${turn.task.name} came too early: ${because}`)
  }
}

async function restoreOrRun(found: Restore, turn: Turn): Promise<Outcome> {
  const { because, print, record, changes } = found
  const problem = await restoreResult(turn.task, found, turn.performer)
  if (problem !== undefined)
    return run({ action: 'run', because: because + cannotBeUsed(problem), print, changes }, turn)
  const from = found.remote ? { from: 'remote' as const } : {}
  return { status: 'restored', because, started: false, ...from, ...noteOf(record.note) }
}

async function run({ because, print }: Run, turn: Turn): Promise<Outcome> {
  const { task, performer } = turn
  performer.tell({ type: 'task-started', task: task.name, because })
  const result = await runWithRetries(print, turn)
  if (result.ok) return { status: 'executed', because, started: true, ...noteOf(result.value) }
  if (print) performer.planner.rememberFailure(task, print)
  const log = performer.log.taskLog(task.name)
  const failure = result.failure.log === undefined && existsSync(log) ? { ...result.failure, log } : result.failure
  return broken(failure, { because, started: true })
}

const broken = (failure: Failure, { because, started }: Pick<Outcome, 'because' | 'started'>): Outcome =>
  failure.kind === 'interrupted'
    ? { status: 'cancelled', because: 'interrupted', started, failure }
    : { status: 'failed', because, started, failure }

/** The task's own note for the summary, if it has one. */
async function runWithRetries(print: Fingerprint | undefined, turn: Turn): Promise<Result<string | undefined>> {
  const { task, performer } = turn
  for (let attempt = 1; ; attempt++) {
    const isLast = attempt > task.retries
    const result = await runOnce(print, isLast ? turn : { ...turn, hasRun: () => {} })
    if (result.ok) return result
    discardOutputs(task, performer)
    if (result.failure.kind === 'interrupted' || isLast) return result
    performer.log.warn(`try ${attempt} of ${task.retries + 1} failed: ${result.failure.message}`, task)
  }
}

async function runOnce(
  print: Fingerprint | undefined,
  { task, performer, startedMs, hasRun }: Turn,
): Promise<Result<string | undefined>> {
  const { options, planner, state, log, tell } = performer
  const inputs = planner.inputsOf(task)
  if ('failure' in inputs) return fail(inputs.failure)
  let programs: Programs
  try {
    for (const output of task.outputs) clearOutput(options.projectDir, output)
    programs = await programsOf(performer)
  } catch (error) {
    return fail(failed(`Cannot run "${task.name}": ${storageProblem(error)}`))
  }
  const result = await runTask({
    options,
    task,
    shells: programs.shells,
    folders: programs.folders,
    taskOf: name => planner.taskOf(name),
    inputs: inputs.files.map(({ path }) => path),
    outputDigest: need => planner.outputOf(need),
    temporary: temporaryFor(state.temporaryPrefix, task.name),
    signal: task.always ? performer.hardSignal : performer.signal,
    logDir: () => log.taskDir(task.name),
    onOutput: (text, stream) => tell({ type: 'task-output', task: task.name, stream, text }),
    onProgress: text => tell({ type: 'task-progress', task: task.name, text }),
    onEvent: (kind, data) => tell({ type: 'task-event', task: task.name, kind, data }),
  })
  if (!result.ok) return result
  hasRun()
  return publishResult(task, performer, { print, note: result.value, durationMs: monotonicMs() - startedMs })
}

function discardOutputs(task: Task, { options, planner }: Performer): void {
  for (const output of task.outputs) {
    try {
      clearOutput(options.projectDir, output)
      removeTree(join(options.projectDir, output))
    } catch {}
  }
  planner.settled(task, undefined)
}
