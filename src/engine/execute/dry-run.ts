/** What a run would do, decided without touching anything. */
import { monotonicMs } from '../../platform/clock.ts'
import { together } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { type PlannedStatus, stamped, type Tell } from '../events.ts'
import type { TaskOutcome } from '../plan/outcome.ts'
import { Planner } from '../plan/planner.ts'
import { type Settled, settle } from '../plan/settle.ts'
import { Standing } from '../plan/standing.ts'
import type { RunOptions } from '../run-options.ts'
import { ProjectState } from '../store/project-state.ts'
import { Results } from '../store/results.ts'
import { reservedFolders } from '../workflow/project-path.ts'
import type { Task, Workflow } from '../workflow/workflow.ts'
import { checkBeforeStart } from './before-start.ts'
import { forcedTasks, tellOfRemote } from './run-scope.ts'
import { countByStatus, type RunSummary } from './run-summary.ts'

export interface Planned {
  readonly outcome: TaskOutcome & { readonly status: PlannedStatus }
  readonly settled: Settled
}

interface DryRun {
  readonly workflow: Workflow
  readonly tasks: readonly Task[]
  readonly startedMs: number
}

export async function dryRun(options: RunOptions, { workflow, tasks, startedMs }: DryRun): Promise<Result<RunSummary>> {
  const tell: Tell = event => options.emit?.(stamped(event))
  tellOfRemote(options, tell)
  tell({ type: 'run-started', run: 'dry-run', flow: workflow.name, tasks: tasks.length, dryRun: true })
  const planned = await planTasks(options, workflow, tasks)
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
  options: RunOptions,
  workflow: Workflow,
  tasks: readonly Task[],
): Promise<Result<readonly Planned[]>> {
  const planner = new Planner({
    project: options,
    tasks,
    state: new ProjectState(options),
    results: new Results(options.cacheDir),
    excluded: reservedFolders(options),
    forced: forcedTasks(workflow, options),
  })
  const standing = new Standing({})
  const planned: Planned[] = []
  for (const task of tasks) {
    const settled = await settle(task, { planner, standing }, 'dry run')
    if (settled.action === 'fail') return fail(settled.failure)
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
  const problems = await checkBeforeStart({ options, workflow, tasks, planner }, isDone)
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
