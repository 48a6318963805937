/** Which tasks of a workflow a run is about, and which of them run whatever the cache holds. */
import { usage } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import type { HowToRun, WhatToRun } from '../run-options.ts'
import { selectTasks, tasksNamed } from '../workflow/select-tasks.ts'
import type { Task, Workflow } from '../workflow/workflow.ts'

export interface Selection {
  readonly workflow: Workflow
  readonly tasks: readonly Task[]
  readonly forced: (task: Task) => boolean
}

export interface RunRequest extends Selection {
  /** When it was asked for: loading the workflow counts. */
  readonly startedMs: number
}

/** A failure: names that the workflow does not have. */
export function select(workflow: Workflow, what: WhatToRun, how: HowToRun): Result<Selection> {
  const { only, force, forceTasks = [] } = what
  for (const name of [...(only ?? []), ...forceTasks]) {
    if (tasksNamed(workflow, name).length > 0) continue
    const known = workflow.tasks.map(task => task.name)
    return fail(usage(`Unknown task "${name}" in workflow "${workflow.name}"${didYouMean(name, known)}`))
  }
  const forced = new Set(forceTasks.flatMap(name => tasksNamed(workflow, name)))
  return ok({
    workflow,
    tasks: selectTasks(workflow, only ?? workflow.targets),
    forced: task => force === true || forced.has(task.name) || (how.verifyInputs === true && isChecked(task)),
  })
}

/** By --verify-inputs: what has a sandbox is checked whenever it runs. */
const isChecked = ({ action, sandbox }: Task): boolean => action.kind === 'run' && !sandbox
