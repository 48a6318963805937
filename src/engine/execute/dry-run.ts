/** What a run would do, decided without touching anything. */
import { monotonicMs } from '../../platform/clock.ts'
import { together } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { type PlannedStatus, stamped, type Tell } from '../events.ts'
import { type Decision, Planner } from '../plan/planner.ts'
import type { RunOptions } from '../project.ts'
import { blobsOf } from '../store/manifest.ts'
import { ProjectState } from '../store/project-state.ts'
import { reservedFolders } from '../workflow/project-path.ts'
import type { Task, Workflow } from '../workflow/workflow.ts'
import { checkBeforeStart } from './before-start.ts'
import { forcedTasks, tellOfRemote } from './run-scope.ts'
import { countByStatus, type RunSummary, type TaskOutcome } from './run-summary.ts'

export interface Planned extends TaskOutcome {
  readonly status: PlannedStatus
  readonly decision?: Decision
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
  const outcomes = planned.value.map(({ decision: _, ...outcome }) => outcome)
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
  const state = new ProjectState(options)
  const planner = new Planner({
    project: options,
    tasks,
    state,
    excluded: reservedFolders(options),
    forced: forcedTasks(workflow, options),
  })
  const planned = new Map<string, Planned>()
  for (const task of tasks) {
    const outcome = await plan(task, planner, planned)
    if (!outcome.ok) return outcome
    planned.set(task.name, outcome.value)
  }
  const settled = new Map(
    [...planned]
      .filter(([, { status }]) => status === 'up-to-date')
      .map(([name, outcome]) => [name, { ...outcome, started: false }]),
  )
  const problems = await checkBeforeStart({ options, workflow, tasks, planner, ended: settled })
  return problems.length > 0 ? fail(together(problems)) : ok([...planned.values()])
}

async function plan(task: Task, planner: Planner, planned: ReadonlyMap<string, Planned>): Promise<Result<Planned>> {
  const outcome = (status: PlannedStatus, because: string, decision?: Decision) => {
    const from = decision && 'remote' in decision ? { from: 'remote' as const } : {}
    return ok({ task: task.name, status, because, durationMs: 0, ...from, ...(decision ? { decision } : {}) })
  }
  const open = task.needs.find(
    need => planned.get(need)?.status === 'would-execute' || planned.get(need)?.status === 'unknown',
  )
  const restored = task.needs.find(need => planned.get(need)?.status === 'would-restore')
  if (task.action.kind === 'group') {
    planner.outputs.set(task.name, planner.groupOutput(task))
    const need = open ?? restored
    if (need === undefined) return outcome('up-to-date', 'its needs are up to date')
    return open === undefined
      ? outcome('would-restore', `${need} would be restored`)
      : outcome('unknown', `unknown until ${need} has run`)
  }
  if (task.always || !task.cache) {
    const decision = await planner.decide(task)
    return outcome('would-execute', decision.because, decision)
  }
  if (open !== undefined) return outcome('unknown', `unknown until ${open} has run`)
  // What a restored need brings is known by its digest; what commands or inputs would see of it is not.
  if (restored !== undefined && (task.fingerprint.length > 0 || planner.inputs.dependOnNeeds(task)))
    return outcome('unknown', `unknown until ${restored} is restored`)
  const decision = await planner.decide(task)
  if (decision.action === 'fail') return fail(decision.failure)
  if (decision.action === 'up-to-date') planner.outputs.set(task.name, decision.output)
  if (decision.action === 'restore') {
    const problem = decision.remote ? undefined : await firstProblem(decision, planner)
    if (problem !== undefined)
      return outcome('would-execute', `${decision.because}, and its cached result cannot be used: ${problem}`)
    planner.outputs.set(task.name, decision.record.output)
  }
  const statuses = { 'up-to-date': 'up-to-date', restore: 'would-restore', run: 'would-execute' } as const
  return outcome(statuses[decision.action], decision.because, decision)
}

/** A run would find out while it restores. */
async function firstProblem(
  { manifest }: Extract<Decision, { readonly action: 'restore' }>,
  planner: Planner,
): Promise<string | undefined> {
  const { blobs } = await planner.cache()
  for (const blob of blobsOf(manifest)) {
    const problem = blobs.problem(blob)
    if (problem) return problem.message
  }
  return undefined
}
