/** What a run would do, decided without touching anything. */
import { monotonicMs } from '../../platform/clock.ts'
import { type Failure, together } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { systemFailure } from '../../platform/system-error.ts'
import { type PlannedStatus, stamped, type Tell } from '../events.ts'
import { Breath } from '../plan/breath.ts'
import type { TaskOutcome } from '../plan/outcome.ts'
import { Planner } from '../plan/planner.ts'
import { settle } from '../plan/settle.ts'
import type { Settled } from '../plan/settled.ts'
import { Standing } from '../plan/standing.ts'
import type { Project } from '../project.ts'
import type { Manner } from '../run-options.ts'
import { MadePlaces } from '../store/made-places.ts'
import { ProjectState } from '../store/project-state.ts'
import { Results } from '../store/results.ts'
import { checkBeforeStart } from './checks/before-start.ts'
import { foreignOutputs } from './checks/foreign-outputs.ts'
import { poolsOf } from './pools.ts'
import { countByStatus, type RunSummary } from './run-summary.ts'
import type { RunRequest, Selection } from './selection.ts'

export interface Planned {
  readonly outcome: TaskOutcome & { readonly status: PlannedStatus }
  readonly settled: Settled
}

export async function dryRun(project: Project, request: RunRequest, how: Manner): Promise<Result<RunSummary>> {
  const { workflow, tasks, startedMs } = request
  const tell: Tell = event => how.emit(stamped(event))
  if (project.remote)
    project.remote.onWarning = (text, task) => tell({ type: 'warning', ...(task === undefined ? {} : { task }), text })
  tell({ type: 'run-started', run: 'dry-run', flow: workflow.name, tasks: tasks.length, dryRun: true })
  const planned = await planTasks(project, request, how)
  if (!planned.ok) return planned
  const outcomes = planned.value.map(({ outcome }) => outcome)
  for (const outcome of outcomes) tell({ type: 'task-finished', ...outcome })
  const counts = countByStatus(outcomes)
  const durationMs = monotonicMs() - startedMs
  tell({ type: 'run-finished', run: 'dry-run', status: 'passed', durationMs, counts })
  return ok({ run: 'dry-run', flow: workflow.name, status: 'passed', durationMs, counts, tasks: outcomes })
}

/** In the workflow's order. A failure: the run would not start. */
export async function planTasks(
  project: Project,
  selection: Selection,
  how: Manner,
): Promise<Result<readonly Planned[]>> {
  const { tasks, forced } = selection
  let state: ProjectState
  try {
    state = new ProjectState(project)
  } catch (error) {
    return fail(systemFailure(`Cannot use the cache ${project.cacheDir}`, error))
  }
  const planner = new Planner({
    project,
    tasks,
    forced,
    state,
    results: new Results(project.cacheDir),
    signal: how.signal,
    runFingerprints: how.runFingerprints ?? false,
  })
  const standing = new Standing({})
  const places = new MadePlaces(project.projectDir)
  const foreign: Failure[] = []
  const breath = new Breath(how.signal)
  const planned: Planned[] = []
  for (const task of tasks) {
    if (breath.isDue) await breath.isLast()
    if (how.signal.aborted) return fail({ kind: 'interrupted', message: 'Interrupted while planning' })
    const settled = await settle(task, { planner, standing }, 'dry run')
    if (settled.action === 'fail') return fail(settled.failure)
    if (settled.action === 'run' || settled.action === 'restore')
      foreign.push(...foreignOutputs(task, { project, how, places, state }))
    const from = settled.action === 'restore' && settled.remote ? { from: 'remote' as const } : {}
    const outcome = {
      task: task.name,
      status: plannedStatus(settled),
      because: settled.because,
      durationMs: 0,
      ...from,
    }
    standing.end({ ...outcome, started: false })
    planned.push({ outcome, settled })
  }
  const isDone = (task: string) => standing.of(task)?.status === 'up-to-date'
  const checked = { project, selection, how: { ...how, adopt: true }, planner, pools: poolsOf(how), state, places }
  const problems = [...(await checkBeforeStart(checked, isDone)), ...foreign]
  return problems.length > 0 ? fail(together(problems)) : ok(planned)
}

function plannedStatus({ action }: Exclude<Settled, { readonly action: 'fail' }>): PlannedStatus {
  switch (action) {
    case 'up-to-date':
    case 'unknown':
      return action
    case 'group':
    case 'restore':
      return 'would-restore'
    case 'run':
      return 'would-execute'
    case 'pass over':
      throw new Error('Nothing happens in a dry run that could pass a task over')
  }
}
