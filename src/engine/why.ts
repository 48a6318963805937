/** Explains tasks: what each would do, and what changed since its last result. */
import { usage } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import type { PlannedStatus } from './events.ts'
import { type Planned, planTasks } from './execute/dry-run.ts'
import { loadWorkflow } from './load/load-workflow.ts'
import type { Change } from './plan/changes.ts'
import type { Project } from './project.ts'
import { type HowToRun, withDefaults } from './run-options.ts'
import { selectTasks, tasksNamed } from './workflow/select-tasks.ts'
import type { Workflow } from './workflow/workflow.ts'

export type { Change } from './plan/changes.ts'
export interface Explanation {
  readonly task: string
  readonly status: PlannedStatus
  /** Where it would be restored from, when that is not this machine. */
  readonly from?: 'remote'
  readonly because: string
  readonly changes: readonly Change[]
  /** The fingerprint; absent when it is unknown until needs have run. */
  readonly key?: string
}

type How = Pick<HowToRun, 'runFingerprints'>

/** Of one task. Touches nothing, like a dry run. */
export async function why(project: Project, flow: string, task: string, how: How = {}): Promise<Result<Explanation>> {
  const explained = await explain(project, { flow, task }, how)
  if (!explained.ok) return explained
  const [one] = explained.value
  if (!one) throw new Error(`Task ${task} is not planned`)
  return ok(one)
}

/** Of every task that the flow would look at, in the workflow's order. */
export const whyAll = (project: Project, flow: string, how: How = {}): Promise<Result<readonly Explanation[]>> =>
  explain(project, { flow }, how)

async function explain(
  project: Project,
  { flow, task }: { readonly flow: string; readonly task?: string },
  how: How,
): Promise<Result<readonly Explanation[]>> {
  const loaded = await loadWorkflow(project, flow)
  if (!loaded.ok) return loaded
  const workflow = loaded.value
  const named = task === undefined ? ok(undefined) : oneTask(workflow, task)
  if (!named.ok) return named
  const tasks = selectTasks(workflow, named.value === undefined ? workflow.targets : [named.value])
  const distrust = how.runFingerprints ? await project.distrust?.(tasks) : undefined
  if (distrust) return fail(distrust)
  const planned = await planTasks(project, { workflow, tasks, forced: () => false }, withDefaults(how))
  if (!planned.ok) return planned
  const explained = planned.value.map(explanationOf)
  return ok(named.value === undefined ? explained : explained.filter(one => one.task === named.value))
}

function oneTask(workflow: Workflow, task: string): Result<string> {
  const [name, ...others] = tasksNamed(workflow, task)
  if (name === undefined) {
    const known = workflow.tasks.map(({ name }) => name)
    return fail(usage(`Unknown task "${task}" in workflow "${workflow.name}"${didYouMean(task, known)}`))
  }
  if (others.length > 0) return fail(usage(`"${task}" is a matrix: name one of ${[name, ...others].join(', ')}`))
  return ok(name)
}

function explanationOf({ outcome, settled }: Planned): Explanation {
  const { task, status, because, from } = outcome
  const key = 'print' in settled ? settled.print?.key : undefined
  return {
    task,
    status,
    ...(from === undefined ? {} : { from }),
    because,
    changes: 'changes' in settled ? settled.changes : [],
    ...(key === undefined ? {} : { key }),
  }
}
