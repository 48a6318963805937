/** A failure about a part of a task, with the place where that is written. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Failure } from '../../platform/failure.ts'
import type { Task } from '../workflow/workflow.ts'

/**
 * The file is read again for it: its places are not kept, because a workflow without mistakes needs none. `path`: inside
 * of the task, such as `['inputs', 2]`.
 */
export async function failureInTask(
  task: Pick<Task, 'name' | 'place'>,
  { projectDir, path }: { readonly projectDir: string; readonly path: readonly (string | number)[] },
  failure: Failure,
): Promise<Failure> {
  try {
    const { WorkflowFile } = await import('./written/workflow-file.ts')
    const file = new WorkflowFile(task.place.file, readFileSync(resolve(projectDir, task.place.file), 'utf8'))
    const base = task.name.replace(/\[.*$/s, '')
    file.problem(failure.message, ['tasks', base, ...path])
    const placed = file.failures.at(-1)
    if (placed?.message === failure.message) return { ...placed, ...failure, ...placeOf(placed) }
  } catch {
    // The file went away meanwhile: the task's own place is still known.
  }
  return failure
}

const placeOf = ({ at, excerpt }: Failure) => ({
  ...(at === undefined ? {} : { at }),
  ...(excerpt === undefined ? {} : { excerpt }),
})
