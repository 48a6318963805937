/** Explains one task: what it would do, and what changed since its last result. */
import { usage } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import type { PlannedStatus } from './events.ts'
import { planTasks } from './execute/dry-run.ts'
import { loadWorkflow } from './load/load-workflow.ts'
import type { Change } from './plan/changes.ts'
import type { Project } from './project.ts'
import { withDefaults } from './run-options.ts'
import { selectTasks, tasksNamed } from './workflow/select-tasks.ts'

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

/** Touches nothing, like a dry run. */
export async function why(project: Project, flow: string, task: string): Promise<Result<Explanation>> {
  const loaded = await loadWorkflow(project, flow)
  if (!loaded.ok) return loaded
  const workflow = loaded.value
  const [name, ...others] = tasksNamed(workflow, task)
  if (name === undefined) {
    const known = workflow.tasks.map(({ name }) => name)
    return fail(usage(`Unknown task "${task}" in workflow "${workflow.name}"${didYouMean(task, known)}`))
  }
  if (others.length > 0) return fail(usage(`"${task}" is a matrix: name one of ${[name, ...others].join(', ')}`))
  const selection = { workflow, tasks: selectTasks(workflow, [name]), forced: () => false }
  const planned = await planTasks(project, selection, withDefaults({}))
  if (!planned.ok) return planned
  const found = planned.value.find(({ outcome }) => outcome.task === name)
  if (!found) throw new Error(`Task ${name} is not planned`)
  const { outcome, settled } = found
  const { status, because, from } = outcome
  const changes = 'changes' in settled ? settled.changes : []
  const key = 'print' in settled ? settled.print?.key : undefined
  return ok({
    task: name,
    status,
    ...(from === undefined ? {} : { from }),
    because,
    changes,
    ...(key === undefined ? {} : { key }),
  })
}
