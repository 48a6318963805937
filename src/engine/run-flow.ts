/** Runs a workflow: load, decide, execute what must be, and tell of each step by events. */
import { monotonicMs } from '../platform/clock.ts'
import { type Failure, usage } from '../platform/failure.ts'
import { storageProblem } from '../platform/files.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import type { Tell } from './events.ts'
import { acceptUpToDate } from './execute/perform-task.ts'
import { lockProject } from './execute/run-locks.ts'
import { RunLog } from './execute/run-log.ts'
import { forcedTasks, tellOfRemote } from './execute/run-scope.ts'
import { countByStatus, type Ended, type RunSummary, type TaskOutcome } from './execute/run-summary.ts'
import { loadWorkflow } from './load/load-workflow.ts'
import { Planner } from './plan/planner.ts'
import type { RunOptions } from './project.ts'
import { ProjectState } from './store/project-state.ts'
import { reservedFolders } from './workflow/project-path.ts'
import { selectTasks, tasksNamed } from './workflow/select-tasks.ts'
import type { Task, Workflow } from './workflow/workflow.ts'

export type { RunSummary, TaskOutcome } from './execute/run-summary.ts'
/** A failure only when nothing could be run at all (kind `usage`: an invalid workflow); a failed task is in the summary. */
export async function runFlow(options: RunOptions): Promise<Result<RunSummary>> {
  const startedMs = monotonicMs()
  const loaded = await loadWorkflow(options, options.workflow, { keep: !options.dryRun })
  if (!loaded.ok) return loaded
  const workflow = loaded.value
  const problem = checkSelection(workflow, options)
  if (problem) return fail(problem)
  const tasks = selectTasks(workflow, options.only ?? workflow.targets)
  if (options.dryRun) {
    const { dryRun } = await import('./execute/dry-run.ts')
    return dryRun(options, { workflow, tasks, startedMs })
  }
  const lock = await lockProject(options)
  if (!lock.ok) return lock
  try {
    return await runLocked(options, workflow, tasks, startedMs)
  } finally {
    lock.value.release()
  }
}

/** Names on the command line that the workflow does not have. */
function checkSelection(workflow: Workflow, options: RunOptions): Failure | undefined {
  for (const name of [...(options.only ?? []), ...(options.forceTasks ?? [])]) {
    if (tasksNamed(workflow, name).length > 0) continue
    const known = workflow.tasks.map(task => task.name)
    return usage(`Unknown task "${name}" in workflow "${workflow.name}"${didYouMean(name, known)}`)
  }
  return undefined
}

async function runLocked(
  options: RunOptions,
  workflow: Workflow,
  tasks: readonly Task[],
  startedMs: number,
): Promise<Result<RunSummary>> {
  const state = new ProjectState(options)
  const problems: unknown[] = []
  let log: RunLog
  try {
    log = new RunLog(options.cacheDir, options.emit ?? (() => {}), error => problems.push(error))
  } catch (error) {
    return fail({ kind: 'environment', message: `Cannot write to ${options.cacheDir}: ${storageProblem(error)}` })
  }
  const { tell, run } = log
  tell({ type: 'run-started', run, flow: workflow.name, tasks: tasks.length })
  const planner = new Planner({
    project: options,
    tasks,
    state,
    excluded: reservedFolders(options),
    forced: forcedTasks(workflow, options),
    ...(options.signal ? { signal: options.signal } : {}),
  })
  const ended = new Map<string, Ended>()
  tellOfRemote(options, tell)
  for (const path of state.damaged)
    tell({ type: 'warning', text: `${path} is damaged: what it held is found out again` })
  try {
    await settleUpToDate(tasks, { options, planner, state, tell, ended })
    if (ended.size < tasks.length) {
      log.keepGraph(tasks)
      const { executeTasks } = await import('./execute/execute.ts')
      const refused = await executeTasks({ options, workflow, tasks, planner, state, log, ended })
      if (refused) return fail(refused)
    }
  } finally {
    await saveState(state, tell)
    if (problems.length > 0)
      tell({ type: 'warning', text: `The run's log is not complete: ${storageProblem(problems[0])}` })
    if (ended.size < tasks.length) log.close()
  }
  const outcomes = tasks.map(task => outcomeOf(task, ended))
  const status = statusOf(outcomes, options.signal)
  const counts = countByStatus(outcomes)
  const durationMs = monotonicMs() - startedMs
  tell({ type: 'run-finished', run, status, durationMs, counts, runDir: log.dir })
  log.close()
  return ok({ run, flow: workflow.name, status, durationMs, counts, tasks: outcomes, runDir: log.dir })
}

interface Settling {
  readonly options: RunOptions
  readonly planner: Planner
  readonly state: ProjectState
  readonly tell: Tell
  readonly ended: Map<string, Ended>
}

/** The tasks that need nothing, one after the other without a queue: a run with nothing to do ends here. */
async function settleUpToDate(
  tasks: readonly Task[],
  { options, planner, state, tell, ended }: Settling,
): Promise<void> {
  const open = new Set<string>()
  for (const task of tasks) {
    const waits = task.always || task.needs.some(need => open.has(need)) || options.signal?.aborted
    const settled = waits ? undefined : await settle(task, { options, planner, state })
    if (!settled) {
      open.add(task.name)
      continue
    }
    ended.set(task.name, settled)
    tell({
      type: 'task-finished',
      task: task.name,
      status: settled.status,
      because: settled.because,
      durationMs: settled.durationMs,
      ...settled.extra,
    })
  }
}

type Settled = Ended & { readonly extra: { readonly key?: string; readonly note?: string } }

async function settle(
  task: Task,
  context: Pick<Settling, 'options' | 'planner' | 'state'>,
): Promise<Settled | undefined> {
  const { planner } = context
  const startedMs = monotonicMs()
  const upToDate = { task: task.name, status: 'up-to-date' as const, started: false }
  if (task.action.kind === 'group') {
    planner.outputs.set(task.name, planner.groupOutput(task))
    return { ...upToDate, because: 'its needs are up to date', durationMs: 0, extra: {} }
  }
  if (!task.cache) return undefined
  const decision = await planner.decide(task, { inPlace: true })
  if (decision.action !== 'up-to-date') return undefined
  acceptUpToDate(task, decision, context)
  const { because, note, print } = decision
  const noted = note === undefined ? {} : { note }
  return { ...upToDate, because, durationMs: monotonicMs() - startedMs, ...noted, extra: { key: print.key, ...noted } }
}

async function saveState(state: ProjectState, tell: Tell): Promise<void> {
  try {
    await state.save()
  } catch (error) {
    tell({ type: 'warning', text: `What this run learned is not kept: ${storageProblem(error)}` })
  }
}

function outcomeOf(task: Task, ended: ReadonlyMap<string, Ended>): TaskOutcome {
  const outcome = ended.get(task.name)
  if (!outcome) throw new Error(`Task ${task.name} has not ended`)
  const { status, because, durationMs, note, failure, from } = outcome
  return {
    task: task.name,
    status,
    because,
    durationMs,
    ...(from === undefined ? {} : { from }),
    ...(note === undefined ? {} : { note }),
    ...(failure ? { failure } : {}),
  }
}

function statusOf(outcomes: readonly TaskOutcome[], signal: AbortSignal | undefined): RunSummary['status'] {
  if (signal?.aborted && outcomes.some(({ status }) => status === 'cancelled')) return 'cancelled'
  return outcomes.some(({ status }) => status === 'failed') ? 'failed' : 'passed'
}
