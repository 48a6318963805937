/** A mistake in the options of a task, with the place where it is written. */
import { type Failure, usage } from '../../platform/failure.ts'
import { placeText } from '../../text/source-text.ts'
import type { OptionProblem } from '../workflow/task-type.ts'
import type { Task } from '../workflow/workflow.ts'
import { failureInTask } from './failure-in-task.ts'

export function optionFailure(task: Task, projectDir: string, problem: OptionProblem): Promise<Failure> {
  const { path, message, try: mend } = problem
  const failure = usage(message, { at: placeText(task.place), ...(mend === undefined ? {} : { try: mend }) })
  return failureInTask(task, { projectDir, path: ['with', ...path] }, failure)
}
