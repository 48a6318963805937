/** What can be known to be wrong before anything runs. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { type BaseIssue, safeParse } from 'valibot'
import { type Failure, usage } from '../../../platform/failure.ts'
import { placeText } from '../../../text/source-text.ts'
import { failureInTask } from '../../load/failure-in-task.ts'
import { optionFailure } from '../../load/option-failure.ts'
import type { OptionProblem, PlannedTask } from '../../workflow/task-type.ts'
import type { Task } from '../../workflow/workflow.ts'
import type { RunContext } from '../run-context.ts'
import { foreignOutputs } from './foreign-outputs.ts'
import { heldPoolProblems } from './held-pools.ts'

type Checked = Pick<RunContext, 'project' | 'selection' | 'how' | 'planner' | 'pools' | 'state' | 'places'>

/** All problems at once, not only the first. */
export async function checkBeforeStart(run: Checked, isDone: (task: string) => boolean): Promise<Failure[]> {
  const { project, selection, how, planner, pools, state, places } = run
  const { workflow, tasks } = selection
  const open = tasks.filter(task => !isDone(task.name))
  const problems = heldPoolProblems(open)
  for (const task of open) {
    const place = { at: placeText(task.place) }
    for (const [pool, amount] of Object.entries(task.resources))
      if (pool !== 'cpu' && amount > pools.size(pool))
        problems.push(
          usage(`Task "${task.name}" wants ${amount} of the pool "${pool}", whose size is ${pools.size(pool)}`, place),
        )
    if ((task.sandbox || (how.verifyInputs && task.action.kind === 'run')) && !how.sandbox)
      problems.push({
        kind: 'environment',
        message: `Cannot run "${task.name}" of ${workflow.name}: there is no sandbox here`,
        ...place,
      })
    if (task.interactive && !how.terminal && !how.dryRun)
      problems.push({
        kind: 'environment',
        message: `Task "${task.name}" wants a terminal, and there is none`,
        ...place,
      })
    if (task.action.kind === 'uses') problems.push(...(await checkOptions(task, run)))
    const missing = planner.missingInput(task, !task.needs.every(isDone))
    if (missing) {
      const path = ['inputs', task.inputs.indexOf(missing.pattern)]
      problems.push(await failureInTask(task, { projectDir: project.projectDir, path }, missing.failure))
    }
    const dir = task.needs.every(isDone) ? missingFolder(task, project.projectDir) : undefined
    if (dir) problems.push(await failureInTask(task, { projectDir: project.projectDir, path: ['dir'] }, dir))
    // Else it may still be found that what lies there is right as it is.
    const isSure = !task.cache || (!project.remote && task.needs.every(isDone))
    if (isSure) problems.push(...foreignOutputs(task, { project, how, places, state }))
  }
  return problems
}

/** Where it would run; undefined when it is there. */
function missingFolder({ name, dir, place }: Task, projectDir: string): Failure | undefined {
  if (dir === undefined || statSync(join(projectDir, dir), { throwIfNoEntry: false })?.isDirectory()) return undefined
  return usage(`Task "${name}" is to run in "${dir}", which is no folder`, { at: placeText(place) })
}

async function checkOptions(task: Task, { project, selection, how }: Checked): Promise<Failure[]> {
  const { action } = task
  const load = action.kind === 'uses' ? project.taskTypes[action.type] : undefined
  if (action.kind !== 'uses' || !load) return []
  const { default: type } = await load()
  const parsed = safeParse(type.schema, action.with)
  const problems = parsed.success
    ? ((await type.check?.({
        with: parsed.output,
        projectDir: project.projectDir,
        settings: how.settings,
        planned: selection.tasks.map(plannedTask),
      })) ?? [])
    : parsed.issues.map(issue => wrongOption(task, action.type, issue))
  return Promise.all(
    problems.map(problem => ('kind' in problem ? problem : optionFailure(task, project.projectDir, problem))),
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
