/** What a run's options say: which tasks are forced, and who is told of the remote cache. */
import type { Tell } from '../events.ts'
import type { RunOptions } from '../run-options.ts'
import { tasksNamed } from '../workflow/select-tasks.ts'
import type { Task, Workflow } from '../workflow/workflow.ts'

export function forcedTasks(workflow: Workflow, options: RunOptions): (task: Task) => boolean {
  const named = new Set((options.forceTasks ?? []).flatMap(name => tasksNamed(workflow, name)))
  return task =>
    options.force === true ||
    named.has(task.name) ||
    (options.verifyInputs === true && task.action.kind === 'run' && !task.sandbox)
}

export function tellOfRemote({ remote }: Pick<RunOptions, 'remote'>, tell: Tell): void {
  if (!remote) return
  remote.onWarning = (text, task) => tell({ type: 'warning', ...(task === undefined ? {} : { task }), text })
}
