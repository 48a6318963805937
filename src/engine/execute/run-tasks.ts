/** One run, from the first line of its log to the last: what is up to date is settled at once, the rest is executed. */
import { monotonicMs } from '../../platform/clock.ts'
import { storageProblem } from '../../platform/files.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { noteOf, type TaskOutcome } from '../plan/outcome.ts'
import { Planner } from '../plan/planner.ts'
import { settle } from '../plan/settle.ts'
import { Standing } from '../plan/standing.ts'
import type { RunOptions } from '../run-options.ts'
import { ProjectState } from '../store/project-state.ts'
import { Results } from '../store/results.ts'
import { reservedFolders } from '../workflow/project-path.ts'
import type { Task, Workflow } from '../workflow/workflow.ts'
import type { Execution } from './run-context.ts'
import { RunLog } from './run-log.ts'
import { forcedTasks, tellOfRemote } from './run-scope.ts'
import { countByStatus, type RunSummary, statusOf } from './run-summary.ts'

interface Selected {
  readonly workflow: Workflow
  readonly tasks: readonly Task[]
  readonly startedMs: number
}

export async function runTasks(options: RunOptions, selected: Selected): Promise<Result<RunSummary>> {
  const { workflow, tasks, startedMs } = selected
  const state = new ProjectState(options)
  const problems: unknown[] = []
  let log: RunLog
  try {
    log = new RunLog(options.cacheDir, options.emit ?? (() => {}), error => problems.push(error))
  } catch (error) {
    return fail({ kind: 'environment', message: `Cannot write to ${options.cacheDir}: ${storageProblem(error)}` })
  }
  const execution = prepare(options, selected, { state, log })
  const { standing } = execution
  log.tell({ type: 'run-started', run: log.run, flow: workflow.name, tasks: tasks.length })
  tellOfRemote(options, log.tell)
  for (const path of state.damaged) log.warn(`${path} is damaged: what it held is found out again`)
  try {
    await settleUpToDate(execution)
    if (standing.count < tasks.length) {
      log.keepGraph(tasks)
      const { executeTasks } = await import('./execute.ts')
      const refused = await executeTasks(execution)
      if (refused) return fail(refused)
    }
  } finally {
    await saveState(execution)
    if (problems.length > 0) log.warn(`The run's log is not complete: ${storageProblem(problems[0])}`)
    if (standing.count < tasks.length) log.close()
  }
  const summary = summarize(execution, startedMs)
  const { run, status, durationMs, counts } = summary
  log.tell({ type: 'run-finished', run, status, durationMs, counts, runDir: log.dir })
  log.close()
  return ok(summary)
}

function prepare(
  options: RunOptions,
  { workflow, tasks }: Selected,
  { state, log }: Pick<Execution, 'state' | 'log'>,
): Execution {
  const results = new Results(options.cacheDir)
  const planner = new Planner({
    project: options,
    tasks,
    state,
    results,
    excluded: reservedFolders(options),
    forced: forcedTasks(workflow, options),
    ...(options.signal ? { signal: options.signal } : {}),
  })
  return { options, workflow, tasks, planner, standing: new Standing(options), results, state, log }
}

/** The tasks that need nothing, one after the other without a queue: a run with nothing to do ends here. */
async function settleUpToDate(execution: Execution): Promise<void> {
  const { options, tasks, standing, log } = execution
  for (const task of tasks) {
    if (options.signal?.aborted) return
    const startedMs = monotonicMs()
    const settled = await settle(task, execution, 'first look')
    if (settled.action !== 'up-to-date') continue
    const { because, print, note } = settled
    const durationMs = monotonicMs() - startedMs
    const outcome = { task: task.name, status: 'up-to-date' as const, because, durationMs, ...noteOf(note) }
    const ended = { ...outcome, started: false }
    standing.end(ended)
    log.taskEnded(ended, print)
  }
}

async function saveState({ state, log }: Execution): Promise<void> {
  try {
    await state.save()
  } catch (error) {
    log.warn(`What this run learned is not kept: ${storageProblem(error)}`)
  }
}

function summarize({ options, workflow, tasks, standing, log }: Execution, startedMs: number): RunSummary {
  const outcomes = tasks.map(({ name }): TaskOutcome => {
    const ended = standing.of(name)
    if (!ended) throw new Error(`Task ${name} has not ended`)
    const { started: _, ...outcome } = ended
    return outcome
  })
  return {
    run: log.run,
    flow: workflow.name,
    status: statusOf(outcomes, options.signal),
    durationMs: monotonicMs() - startedMs,
    counts: countByStatus(outcomes),
    tasks: outcomes,
    runDir: log.dir,
  }
}
