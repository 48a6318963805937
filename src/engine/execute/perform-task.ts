/** Brings one task to its end: decides, restores or runs it, and publishes what it made. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { monotonicMs } from '../../platform/clock.ts'
import type { Digest } from '../../platform/digest.ts'
import { type Failure, failed } from '../../platform/failure.ts'
import { removeTree, storageProblem } from '../../platform/files.ts'
import { fail, type Result } from '../../platform/result.ts'
import { clearOutput, OutsideProject } from '../files/output-place.ts'
import type { Fingerprint } from '../plan/fingerprint.ts'
import type { Decision } from '../plan/planner.ts'
import { runTask, temporaryFor } from '../runners/local-runner.ts'
import type { Programs } from '../runners/programs.ts'
import { BlobProblem } from '../store/blob-store.ts'
import { today } from '../store/project-state.ts'
import { restoreOutputs } from '../store/restore-outputs.ts'
import type { Task } from '../workflow/workflow.ts'
import { adoptResult } from './adopt-result.ts'
import { publishResult } from './publish-result.ts'
import { noteOf, type Performer, programsOf, warn } from './run-context.ts'
import type { Ended } from './run-summary.ts'

/** `hasRun` is called once the task's program will not run again, though its outputs are still to be stored. */
export async function performTask(task: Task, performer: Performer, hasRun: () => void): Promise<Ended> {
  const startedMs = monotonicMs()
  const { planner, tell } = performer
  const decision: Decision =
    task.action.kind === 'group'
      ? { action: 'run', because: 'its needs are done', changes: [] }
      : await planner.decide(task)
  const end = (outcome: Partial<Ended> & Pick<Ended, 'status'>): Ended =>
    finish(task, performer, { because: decision.because, ...outcome }, { startedMs, decision })
  if (task.action.kind === 'group') {
    planner.outputs.set(task.name, planner.groupOutput(task))
    return end({ status: 'executed' })
  }
  if (decision.action === 'fail')
    return end({ status: decision.failure.kind === 'interrupted' ? 'cancelled' : 'failed', failure: decision.failure })
  if (decision.action === 'up-to-date') {
    acceptUpToDate(task, decision, performer)
    return end({ status: 'up-to-date', ...noteOf(decision.note) })
  }
  let why = decision.because
  if (decision.action === 'restore') {
    const problem = await restore(task, decision, performer)
    const from = decision.remote ? { from: 'remote' as const } : {}
    if (problem === undefined) return end({ status: 'restored', ...from, ...noteOf(decision.record.note) })
    why = `${why}, and its cached result cannot be used: ${problem}`
  }
  tell({ type: 'task-started', task: task.name, because: why })
  const { print } = decision
  const result = await execute(task, print, performer, { startedMs, hasRun })
  if (result.ok) return end({ status: 'executed', because: why, started: true, ...noteOf(result.value) })
  const status = result.failure.kind === 'interrupted' ? 'cancelled' : 'failed'
  rememberFailure(task, print, performer)
  return end({ status, because: why, started: true, failure: withLog(result.failure, task, performer) })
}

/** Each ended task's event, and the shape that the scheduler and the summary want. */
function finish(
  task: Task,
  { tell }: Performer,
  outcome: Partial<Ended> & Pick<Ended, 'status' | 'because'>,
  from: { readonly startedMs: number; readonly decision: Decision },
): Ended {
  const durationMs = monotonicMs() - from.startedMs
  const { decision } = from
  const key = decision.action === 'fail' ? undefined : decision.print?.key
  const shown = outcome.status === 'cancelled' ? { because: 'interrupted' } : {}
  const { started, ...rest } = { started: false, ...outcome, ...shown, task: task.name, durationMs }
  tell({ type: 'task-finished', ...rest, ...(key === undefined ? {} : { key }) })
  return { ...rest, started }
}

function withLog(failure: Failure, task: Task, { log }: Performer): Failure {
  return failure.log === undefined && existsSync(log.taskLog(task.name))
    ? { ...failure, log: log.taskLog(task.name) }
    : failure
}

export function acceptUpToDate(
  task: Task,
  decision: Extract<Decision, { readonly action: 'up-to-date' }>,
  performer: Pick<Performer, 'planner' | 'state' | 'options'>,
): void {
  const { planner, state } = performer
  const { print, output, note } = decision
  planner.outputs.set(task.name, output)
  const known = state.get(task)
  if (known?.key === print.key && known.output === output && known.failedKey === undefined && known.day === today())
    return
  state.set(task, { key: print.key, output, day: today(), ...noteOf(note) })
}

/** Undefined when it is restored, else what stood in the way. */
async function restore(
  task: Task,
  decision: Extract<Decision, { readonly action: 'restore' }>,
  performer: Performer,
): Promise<string | undefined> {
  const { planner, state, options } = performer
  const cache = await planner.cache()
  const { record, manifest, print } = decision
  if (decision.remote) {
    const { secret } = state
    const { signal } = performer
    const brought = await adoptResult(task, decision.remote, { cache, remote: options.remote, print, secret, signal })
    if ('problem' in brought) return brought.problem
    performer.stored += brought.storedBytes
  }
  try {
    await restoreOutputs(manifest, { ...options, outputs: task.outputs, blobs: cache.blobs, index: state.index })
  } catch (error) {
    if (error instanceof OutsideProject) return error.message
    return error instanceof BlobProblem ? error.message : storageProblem(error)
  }
  planner.inputs.forgetFolders()
  cache.touch(record.key)
  planner.outputs.set(task.name, record.output)
  state.set(task, { key: print.key, output: record.output, day: today(), ...noteOf(record.note) })
  return undefined
}

async function execute(
  task: Task,
  print: Fingerprint | undefined,
  performer: Performer,
  { startedMs, hasRun }: { readonly startedMs: number; readonly hasRun: () => void },
): Promise<Result<string | undefined>> {
  for (let attempt = 1; ; attempt++) {
    const isLast = attempt > task.retries
    const result = await attemptOnce(task, print, performer, { startedMs, hasRun: isLast ? hasRun : () => {} })
    if (result.ok) return result
    discardOutputs(task, performer)
    if (result.failure.kind === 'interrupted' || isLast) return result
    warn(task, `try ${attempt} of ${task.retries + 1} failed: ${result.failure.message}`, performer)
  }
}

async function attemptOnce(
  task: Task,
  print: Fingerprint | undefined,
  performer: Performer,
  { startedMs, hasRun }: { readonly startedMs: number; readonly hasRun: () => void },
): Promise<Result<string | undefined>> {
  const { options, planner, state, log, tell } = performer
  const inputs = planner.inputs.of(task)
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
    taskOf: performer.taskOf,
    inputs: inputs.files.map(({ path }) => path),
    outputDigest: need => planner.outputs.get(need) as Digest,
    temporary: temporaryFor(state.temporaryPrefix, task.name),
    signal: task.always ? performer.hardSignal : performer.signal,
    logDir: () => log.taskDir(task.name),
    onOutput: (text, stream) => tell({ type: 'task-output', task: task.name, stream, text }),
    onProgress: text => tell({ type: 'task-progress', task: task.name, text }),
    onEvent: (kind, data) => tell({ type: 'task-event', task: task.name, kind, data }),
  })
  planner.inputs.forgetFolders()
  if (!result.ok) return result
  hasRun()
  return publishResult(task, print, performer, { note: result.value, durationMs: monotonicMs() - startedMs })
}

function rememberFailure(task: Task, print: Fingerprint | undefined, { state }: Performer): void {
  if (!print) return
  state.set(task, { day: today(), ...state.get(task), failedKey: print.key })
}

function discardOutputs(task: Task, { options }: Performer): void {
  for (const output of task.outputs) {
    try {
      clearOutput(options.projectDir, output)
      removeTree(join(options.projectDir, output))
    } catch {}
  }
}
