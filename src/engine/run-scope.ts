/** What a run's options say of its tasks: which are forced, and what no input may be. */
import { displayPath } from './find-workflow.ts'
import type { RunOptions } from './project.ts'
import { tasksNamed } from './select-tasks.ts'
import type { Task, Workflow } from './workflow.ts'

export function forcedTasks(workflow: Workflow, options: RunOptions): (task: Task) => boolean {
  const named = new Set((options.forceTasks ?? []).flatMap(name => tasksNamed(workflow, name)))
  return task =>
    options.force === true ||
    named.has(task.name) ||
    (options.verifyInputs === true && task.action.kind === 'run' && !task.sandbox)
}

/** What no glob may match. */
export function excludedFolders(options: Pick<RunOptions, 'projectDir' | 'cacheDir'>): string[] {
  const cache = displayPath(options.projectDir, options.cacheDir)
  return ['.git', 'cache', ...(cache.startsWith('/') ? [] : [cache])]
}
