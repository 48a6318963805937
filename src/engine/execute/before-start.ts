/** What can be known to be wrong before anything runs. */
import { availableParallelism } from 'node:os'
import { type BaseIssue, safeParse } from 'valibot'
import { type Failure, usage } from '../../platform/failure.ts'
import { placeText } from '../../text/source-text.ts'
import { optionFailure } from '../load/option-failure.ts'
import type { RunOptions } from '../run-options.ts'
import type { OptionProblem, PlannedTask } from '../workflow/task-type.ts'
import type { Task } from '../workflow/workflow.ts'
import { heldPoolProblems } from './held-pools.ts'
import { Pools } from './pools.ts'
import type { Execution } from './run-context.ts'

export const coresOf = (options: RunOptions): number => Math.max(1, options.concurrency ?? availableParallelism())

/** All problems at once, not only the first. */
export async function checkBeforeStart(
  { options, workflow, tasks, planner }: Pick<Execution, 'options' | 'workflow' | 'tasks' | 'planner'>,
  isDone: (task: string) => boolean,
): Promise<Failure[]> {
  const open = tasks.filter(task => !isDone(task.name))
  const problems = heldPoolProblems(open)
  const pools = new Pools({ ...options.pools, cpu: coresOf(options) })
  for (const task of open) {
    const place = { at: placeText(task.place) }
    for (const [pool, amount] of Object.entries(task.resources))
      if (pool !== 'cpu' && amount > pools.size(pool))
        problems.push(
          usage(`Task "${task.name}" wants ${amount} of the pool "${pool}", whose size is ${pools.size(pool)}`, place),
        )
    if ((task.sandbox || (options.verifyInputs && task.action.kind === 'run')) && !options.sandbox)
      problems.push({
        kind: 'environment',
        message: `Cannot run "${task.name}" of ${workflow.name}: there is no sandbox here`,
        ...place,
      })
    if (task.action.kind === 'uses') problems.push(...(await checkOptions(task, tasks, options)))
    const missing = planner.missingInput(task, !task.needs.every(isDone))
    if (missing) problems.push(missing)
  }
  return problems
}

async function checkOptions(task: Task, tasks: readonly Task[], options: RunOptions): Promise<Failure[]> {
  const { action } = task
  const load = action.kind === 'uses' ? options.taskTypes[action.type] : undefined
  if (action.kind !== 'uses' || !load) return []
  const { default: type } = await load()
  const parsed = safeParse(type.schema, action.with)
  const problems = parsed.success
    ? (type.check?.({
        with: parsed.output,
        projectDir: options.projectDir,
        settings: options.settings ?? new Map(),
        planned: tasks.map(plannedTask),
      }) ?? [])
    : parsed.issues.map(issue => wrongOption(task, action.type, issue))
  return Promise.all(
    problems.map(problem => ('kind' in problem ? problem : optionFailure(task, options.projectDir, problem))),
  )
}

function plannedTask({ name, action, needs, outputs }: Task): PlannedTask {
  const uses = action.kind === 'uses' ? action : undefined
  return { name, type: uses?.type, with: uses?.with, needs, outputs }
}

function wrongOption(task: Task, type: string, issue: BaseIssue<unknown>): OptionProblem {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
  const where = path.length === 0 ? '' : ` at "${path.join('.')}"`
  return { path, message: `Task "${task.name}" gives ${type} a wrong "with"${where}: ${issue.message}` }
}
