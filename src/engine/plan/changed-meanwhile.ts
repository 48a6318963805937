/** What of that which a result depends on changed while its task ran: such a result is not kept. */
import type { Task } from '../workflow/workflow.ts'
import { compareParts, describeChanges, keepParts } from './changes.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { Planner } from './planner.ts'

/** By name; undefined when nothing did. */
export async function changedMeanwhile(task: Task, print: Fingerprint, planner: Planner): Promise<string | undefined> {
  const tools = print.parts.filter(([kind]) => kind === 'tool')
  const after = await planner.fingerprint(task, tools)
  if ('failure' in after) return after.failure.message
  if (after.fingerprint.key !== print.key) {
    const secret = 'the comparison stays in memory'
    return describeChanges(compareParts(keepParts(print.parts, secret), keepParts(after.fingerprint.parts, secret)))
  }
  for (const need of task.needs) if (!(await planner.isAsSettled(need))) return `output of ${need} changed`
  return undefined
}
