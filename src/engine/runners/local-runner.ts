/** Runs one task's program once: bash, bash in a sandbox, or a task type's code. */
import { join } from 'node:path'
import { safeParse } from 'valibot'
import { type Digest, digestOf } from '../../platform/digest.ts'
import { environment, type Failure, failed, lastLines, messageOf } from '../../platform/failure.ts'
import { codeOf, storageProblem } from '../../platform/files.ts'
import { runProcess } from '../../platform/processes/process.ts'
import type { Shells } from '../../platform/processes/shells.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { placeText } from '../../text/source-text.ts'
import type { RunOptions } from '../project.ts'
import type { SandboxReport } from '../sandbox-runner.ts'
import type { EventData } from '../workflow/task-type.ts'
import type { Task } from '../workflow/workflow.ts'
import { bash, declaredEnv, shellScript, taskEnv } from './commands.ts'
import type { TemporaryFolders } from './temporary-folders.ts'

export interface RunTask {
  readonly options: RunOptions
  readonly task: Task
  readonly shells: Shells
  readonly folders: TemporaryFolders
  readonly taskOf: (name: string) => Task | undefined
  /** What the inputs are, relative to the project. */
  readonly inputs: readonly string[]
  readonly outputDigest: (need: string) => Digest
  /** TMPDIR of the task: made before, removed after. */
  readonly temporary: string
  readonly signal: AbortSignal
  readonly logDir: () => string
  readonly onOutput: (text: string, stream: 'stdout' | 'stderr') => void
  readonly onProgress: (text: string) => void
  readonly onEvent: (kind: string, data: EventData) => void
}

/** How long a task type may take to end after it was told to. */
const typeGraceMs = 10_000

/** Resolves to the task's own note for the summary, if it has one. */
export async function runTask(run: RunTask): Promise<Result<string | undefined>> {
  const { action } = run.task
  if (action.kind === 'group') return ok(undefined)
  try {
    run.folders.take(run.temporary)
    if (action.kind === 'uses') return await runType(run, action.type, action.with)
    const remember = lastOutput(run)
    const result =
      run.task.sandbox || run.options.verifyInputs
        ? await runSandboxed(run, action.script, remember)
        : await runScript(run, action.script, remember)
    return result.ok ? result : fail({ ...result.failure, ...(remember.last() ? { last: remember.last() } : {}) })
  } catch (error) {
    // A full disk, a folder that may not be written: the machine's trouble, not a bug.
    if (codeOf(error) === undefined) throw error
    return fail(environment(`Cannot run "${run.task.name}": ${storageProblem(error)}`, at(run.task)))
  } finally {
    run.folders.leave(run.temporary)
  }
}

interface Remember {
  readonly take: (text: string, stream: 'stdout' | 'stderr') => void
  readonly last: () => string
}

function lastOutput(run: RunTask): Remember {
  let tail = ''
  return {
    take: (text, stream) => {
      tail = (tail + text).slice(-8_192)
      run.onOutput(text, stream)
    },
    last: () => lastLines(tail),
  }
}

const at = (task: Task) => ({ at: placeText(task.place) })

async function runScript(run: RunTask, script: string, { take }: Remember): Promise<Result<undefined>> {
  const { task, options, temporary, signal } = run
  const limits = { name: task.name, timeoutMs: task.timeoutMs, signal, onOutput: take }
  const quick = shellScript(script, task.env, temporary)
  const result =
    quick === undefined
      ? await runProcess(bash(script), {
          ...limits,
          cwd: options.projectDir,
          env: taskEnv({ declared: task.env, environment: options.environment, temporary }),
          collect: false,
          endLeftovers: true,
        })
      : await run.shells.run(quick, limits)
  if (!result.ok) return fail({ ...result.failure, ...at(task) })
  const { exitCode } = result.value
  return exitCode === 0 ? ok(undefined) : fail(failed(`Task "${task.name}" failed: exit code ${exitCode}`, at(task)))
}

async function runSandboxed(run: RunTask, script: string, { take }: Remember): Promise<Result<undefined>> {
  const { task, options, temporary, signal, outputDigest } = run
  if (!options.sandbox) throw new Error('A sandbox is needed and was not given')
  const archive = task.sandbox && run.taskOf(task.sandbox.root)?.outputs[0]
  if (task.sandbox && archive === undefined)
    return fail(failed(`Task "${task.name}" has no root: "${task.sandbox.root}" has no output`, at(task)))
  const neededOutputs = task.needs
    .filter(need => need !== task.sandbox?.root)
    .flatMap(need => outputsBehind(need, run.taskOf))
  const result = await options.sandbox.run({
    task: task.name,
    argv: bash(script),
    ...(task.sandbox && archive !== undefined
      ? { root: { archive: join(options.projectDir, archive), digest: outputDigest(task.sandbox.root) } }
      : {}),
    cacheDir: options.cacheDir,
    projectDir: options.projectDir,
    inputs: [...new Set([...run.inputs, ...neededOutputs])].sort(),
    outputs: task.outputs,
    env: taskEnv({ declared: task.env, environment: options.environment, temporary }),
    network: task.sandbox?.network ?? true,
    signal,
    timeoutMs: task.timeoutMs,
    onOutput: take,
  })
  if (!result.ok) return fail({ ...result.failure, ...at(task) })
  return judgeSandbox(task, result.value)
}

/** Undeclared reads come first: they explain why the program failed, if it did. */
function judgeSandbox(task: Task, { exitCode, missed, undeclaredWrites }: SandboxReport): Result<undefined> {
  const list = (files: readonly string[]) =>
    files
      .slice(0, 10)
      .map(file => `"${file}"`)
      .join(', ') + (files.length > 10 ? ` and ${files.length - 10} more` : '')
  const code = exitCode === 0 ? '' : ` (exit code ${exitCode})`
  const problem =
    missed.length > 0
      ? {
          message: `Task "${task.name}" wants files that it does not declare: ${list(missed)}${code}`,
          try: 'add them to its inputs',
        }
      : undeclaredWrites.length > 0
        ? {
            message: `Task "${task.name}" wrote files that it does not declare: ${list(undeclaredWrites)}${code}`,
            try: 'add them to its outputs',
          }
        : exitCode === 0
          ? undefined
          : { message: `Task "${task.name}" failed: exit code ${exitCode}` }
  if (!problem) return ok(undefined)
  const { message, ...more } = problem
  return fail(failed(message, { ...at(task), ...more }))
}

/** A group stands for what it needs. */
function outputsBehind(name: string, taskOf: RunTask['taskOf']): readonly string[] {
  const task = taskOf(name)
  if (!task) return []
  return task.action.kind === 'group' ? task.needs.flatMap(need => outputsBehind(need, taskOf)) : task.outputs
}

async function runType(run: RunTask, type: string, options: object): Promise<Result<string | undefined>> {
  const { task, signal } = run
  const load = run.options.taskTypes[type]
  if (!load) throw new Error(`Unknown task type ${type}`)
  const { default: taskType } = await load()
  const parsed = safeParse(taskType.schema, options)
  if (!parsed.success) return fail(failed(`Task "${task.name}" has options that ${type} does not take`, at(task)))
  const stop = new AbortController()
  const end = () => stop.abort(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  const timer = task.timeoutMs > 0 ? setTimeout(() => stop.abort(timedOut), task.timeoutMs) : undefined
  try {
    const result = await Promise.race([
      callType(taskType.run(contextOf(run, parsed.output, stop.signal)), task),
      givenUp(stop.signal),
    ])
    if (stop.signal.reason === timedOut)
      return fail(failed(`Cannot finish "${task.name}": it was still running after ${task.timeoutMs} ms`, at(task)))
    if (signal.aborted && !result.ok) return fail({ ...result.failure, kind: 'interrupted' })
    return result.ok ? ok(result.value ?? undefined) : fail({ ...at(task), ...result.failure })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
}

const timedOut = new Error('the task’s time is over')

/** A task type that throws is a bug of it, which ends the task and not the run. */
async function callType(
  running: Promise<Result<string | undefined> | Result<void>>,
  task: Task,
): Promise<Result<string | undefined>> {
  try {
    const result = await running
    return result.ok ? ok(result.value ?? undefined) : result
  } catch (error) {
    const failure: Failure = {
      kind: 'internal',
      message: `Task "${task.name}" broke off: ${messageOf(error)}`,
      ...(error instanceof Error && error.stack ? { last: error.stack } : {}),
    }
    return fail(failure)
  }
}

/** Resolves some time after the signal: a task type that does not end when told to is left behind. */
const givenUp = (signal: AbortSignal): Promise<Result<undefined>> =>
  new Promise(resolve => {
    const later = () =>
      setTimeout(() => resolve(fail(failed('The task did not end when it was told to'))), typeGraceMs).unref()
    if (signal.aborted) later()
    else signal.addEventListener('abort', later, { once: true })
  })

function contextOf(run: RunTask, options: unknown, signal: AbortSignal) {
  const { task, taskOf } = run
  const { projectDir, cacheDir, settings, environment } = run.options
  const absolute = (paths: readonly string[]) => paths.map(path => join(projectDir, path))
  return {
    task: task.name,
    with: options,
    projectDir,
    cacheDir,
    outputs: absolute(task.outputs),
    inputs: absolute(run.inputs),
    needs: new Map(task.needs.map(need => [need, absolute(outputsBehind(need, taskOf))])),
    env: declaredEnv(task.env, environment),
    logDir: run.logDir(),
    settings: settings ?? new Map<string, string>(),
    signal,
    log: (text: string) => run.onOutput(text.endsWith('\n') ? text : `${text}\n`, 'stdout'),
    progress: run.onProgress,
    event: run.onEvent,
  }
}

export const temporaryFor = (prefix: string, task: string): string => `${prefix}${digestOf(task).slice(0, 16)}`
