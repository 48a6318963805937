/** Runs a workflow: loads it, selects its tasks, and runs them, one run at a time in a project. */
import { monotonicMs } from '../platform/clock.ts'
import { type Failure, usage } from '../platform/failure.ts'
import { fail, type Result } from '../platform/result.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import { lockProject } from './execute/run-locks.ts'
import type { RunSummary } from './execute/run-summary.ts'
import { runTasks } from './execute/run-tasks.ts'
import { loadWorkflow } from './load/load-workflow.ts'
import type { RunOptions } from './run-options.ts'
import { selectTasks, tasksNamed } from './workflow/select-tasks.ts'
import type { Workflow } from './workflow/workflow.ts'

export type { RunSummary } from './execute/run-summary.ts'
export type { TaskOutcome } from './plan/outcome.ts'

/** A failure only when nothing could be run at all (kind `usage`: an invalid workflow); a failed task is in the summary. */
export async function runFlow(options: RunOptions): Promise<Result<RunSummary>> {
  const startedMs = monotonicMs()
  const loaded = await loadWorkflow(options, options.workflow, { keep: !options.dryRun })
  if (!loaded.ok) return loaded
  const workflow = loaded.value
  const problem = checkSelection(workflow, options)
  if (problem) return fail(problem)
  const tasks = selectTasks(workflow, options.only ?? workflow.targets)
  if (options.dryRun) {
    const { dryRun } = await import('./execute/dry-run.ts')
    return dryRun(options, { workflow, tasks, startedMs })
  }
  const lock = await lockProject(options)
  if (!lock.ok) return lock
  try {
    return await runTasks(options, { workflow, tasks, startedMs })
  } finally {
    lock.value.release()
  }
}

/** Names on the command line that the workflow does not have. */
function checkSelection(workflow: Workflow, options: RunOptions): Failure | undefined {
  for (const name of [...(options.only ?? []), ...(options.forceTasks ?? [])]) {
    if (tasksNamed(workflow, name).length > 0) continue
    const known = workflow.tasks.map(task => task.name)
    return usage(`Unknown task "${name}" in workflow "${workflow.name}"${didYouMean(name, known)}`)
  }
  return undefined
}
