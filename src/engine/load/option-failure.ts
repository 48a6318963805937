/** A mistake in the options of a task, with the place where it is written. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Failure, usage } from '../../platform/failure.ts'
import { placeText } from '../../text/source-text.ts'
import type { OptionProblem } from '../workflow/task-type.ts'
import type { Task } from '../workflow/workflow.ts'

/** The file is read again for it: its places are not kept, because a workflow without mistakes needs none. */
export async function optionFailure(task: Task, projectDir: string, problem: OptionProblem): Promise<Failure> {
  const { path, message, try: mend } = problem
  const more = mend === undefined ? {} : { try: mend }
  try {
    const { WorkflowFile } = await import('./workflow-file.ts')
    const file = new WorkflowFile(task.place.file, readFileSync(resolve(projectDir, task.place.file), 'utf8'))
    const base = task.name.replace(/\[.*$/s, '')
    file.problem(message, ['tasks', base, 'with', ...path])
    const [placed] = file.failures
    if (placed !== undefined) return { ...placed, ...more }
  } catch {
    // The file went away meanwhile: the task's own place is still known.
  }
  return usage(message, { at: placeText(task.place), ...more })
}
