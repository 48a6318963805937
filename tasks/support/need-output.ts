/** The output of a task that this one needs. */
import type { TaskContext } from '../../src/engine/task-type.ts'
import { usage } from '../../src/platform/failure.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'

/** The first output of the need with that name, absolute. */
export function needOutput(context: Pick<TaskContext<unknown>, 'task' | 'needs'>, need: string): Result<string> {
  const output = context.needs.get(need)?.[0]
  if (output !== undefined) return ok(output)
  const others = [...context.needs.keys()].join(', ') || 'none'
  return fail(usage(`Task "${context.task}" uses the output of "${need}", which is not among its needs: ${others}`))
}
