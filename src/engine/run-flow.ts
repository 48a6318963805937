/** Runs a workflow: loads it, selects its tasks, and runs them, one run at a time in a project. */
import { monotonicMs } from '../platform/clock.ts'
import { usage } from '../platform/failure.ts'
import { fail, type Result } from '../platform/result.ts'
import { stamped } from './events.ts'
import { lockProject } from './execute/run-locks.ts'
import type { RunSummary } from './execute/run-summary.ts'
import { runTasks } from './execute/run-tasks.ts'
import { select } from './execute/selection.ts'
import { loadWorkflow } from './load/load-workflow.ts'
import type { Project } from './project.ts'
import { type HowToRun, type WhatToRun, withDefaults } from './run-options.ts'

export type { RunSummary } from './execute/run-summary.ts'
export type { TaskOutcome } from './plan/outcome.ts'

/** A failure only when nothing could be run at all (kind `usage`: an invalid workflow); a failed task is in the summary. */
export async function runFlow(project: Project, what: WhatToRun, how: HowToRun = {}): Promise<Result<RunSummary>> {
  const startedMs = monotonicMs()
  const loaded = await loadWorkflow(project, what.workflow, { keep: !how.dryRun })
  if (!loaded.ok) return loaded
  const selected = select(loaded.value, what, how)
  if (!selected.ok) return selected
  if (project.args?.length && !selected.value.tasks.some(task => task.takesArgs))
    return fail(
      usage(`No task of "${loaded.value.name}" takes the arguments after "--"`, {
        try: 'args: true   in the task whose run is to get them as "$@"',
      }),
    )
  const runsSomething = !how.dryRun || how.runFingerprints
  const distrust = runsSomething ? await project.distrust?.(selected.value.tasks) : undefined
  if (distrust) return fail(distrust)
  const request = { ...selected.value, startedMs }
  const manner = withDefaults(how)
  if (how.dryRun) {
    const { dryRun } = await import('./execute/dry-run.ts')
    return dryRun(project, request, manner)
  }
  const warn = (text: string) => manner.emit(stamped({ type: 'warning', text }))
  const lock = await lockProject(project, { signal: manner.signal, warn })
  if (!lock.ok) return lock
  try {
    return await runTasks(project, request, manner)
  } finally {
    lock.value.release()
  }
}
