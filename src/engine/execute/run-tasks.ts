/** One run, from the first line of its log to the last: what is up to date is settled at once, the rest is executed. */
import { monotonicMs } from '../../platform/clock.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { storageProblem, systemFailure } from '../../platform/system-error.ts'
import { Breath } from '../plan/breath.ts'
import { noteOf, type TaskOutcome } from '../plan/outcome.ts'
import { Planner } from '../plan/planner.ts'
import { settle } from '../plan/settle.ts'
import { Standing } from '../plan/standing.ts'
import type { Project } from '../project.ts'
import type { Manner } from '../run-options.ts'
import { claimCache } from '../store/cache-folder.ts'
import { ProjectState } from '../store/project-state.ts'
import { Results } from '../store/results.ts'
import type { PreparedRun } from './run-context.ts'
import { RunLog } from './run-log.ts'
import { countByStatus, type RunSummary, statusOf } from './run-summary.ts'
import type { RunRequest } from './selection.ts'

export async function runTasks(project: Project, request: RunRequest, how: Manner): Promise<Result<RunSummary>> {
  const { workflow, tasks, startedMs } = request
  const problems: unknown[] = []
  let log: RunLog
  let state: ProjectState
  try {
    claimCache(project)
    state = new ProjectState(project)
    log = new RunLog(project.cacheDir, how.emit, error => problems.push(error))
  } catch (error) {
    return fail(systemFailure(`Cannot use the cache ${project.cacheDir}`, error))
  }
  log.tell({ type: 'run-started', run: log.run, flow: workflow.name, tasks: tasks.length })
  if (project.remote) project.remote.onWarning = (text, task) => log.warn(text, task)
  for (const path of state.damaged) log.warn(`${path} is damaged: what it held is found out again`)
  const results = new Results(project.cacheDir)
  const { forced } = request
  const planner = new Planner({ project, tasks, forced, state, results, runFingerprints: true, signal: how.signal })
  const standing = new Standing(how)
  const run = { project, selection: request, how, state, results, planner, standing, log }
  try {
    await settleUpToDate(run)
    if (standing.count < tasks.length) {
      log.keepGraph(tasks)
      const { executeTasks } = await import('./execute.ts')
      const refused = await executeTasks(run)
      if (refused) return fail(refused)
    }
  } finally {
    await saveState(run)
    if (problems.length > 0) log.warn(`The run's log is not complete: ${storageProblem(problems[0])}`)
    if (standing.count < tasks.length) log.close()
  }
  const summary = summarize(run, startedMs)
  const { status, durationMs, counts } = summary
  log.tell({ type: 'run-finished', run: log.run, status, durationMs, counts, runDir: log.dir })
  log.close()
  return ok(summary)
}

/** The tasks that need nothing, one after the other without a queue: a run with nothing to do ends here. */
async function settleUpToDate(run: PreparedRun): Promise<void> {
  const { selection, how, standing, log } = run
  const breath = new Breath(how.signal)
  for (const task of selection.tasks) {
    if (breath.isDue) await breath.isLast()
    if (how.signal.aborted) return
    const startedMs = monotonicMs()
    const settled = await settle(task, run, 'first look')
    if (settled.action !== 'up-to-date') continue
    const { because, print, note } = settled
    const durationMs = monotonicMs() - startedMs
    const outcome = { task: task.name, status: 'up-to-date' as const, because, durationMs, ...noteOf(note) }
    const ended = { ...outcome, started: false }
    standing.end(ended)
    log.taskEnded(ended, print)
  }
}

async function saveState({ state, log }: PreparedRun): Promise<void> {
  try {
    await state.save()
  } catch (error) {
    log.warn(`What this run learned is not kept: ${storageProblem(error)}`)
  }
}

function summarize({ how, selection, standing, log }: PreparedRun, startedMs: number): RunSummary {
  const { workflow, tasks } = selection
  const outcomes = tasks.map(({ name }): TaskOutcome => {
    const ended = standing.of(name)
    if (!ended) throw new Error(`Task ${name} has not ended`)
    const { started: _, ...outcome } = ended
    return outcome
  })
  return {
    run: log.run,
    flow: workflow.name,
    status: statusOf(outcomes, how.signal),
    durationMs: monotonicMs() - startedMs,
    counts: countByStatus(outcomes),
    tasks: outcomes,
    runDir: log.dir,
  }
}
