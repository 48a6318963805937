/** Pools that a task holds until it has been cleaned up after; who would wait for them for ever is found beforehand. */
import { type Failure, usage } from '../../../platform/failure.ts'
import { placeText } from '../../../text/source-text.ts'
import { reachable } from '../../workflow/reachable.ts'
import type { Task } from '../../workflow/workflow.ts'

/** Only the needs count: what a clean-up task comes after holds nothing back. */
export function heldPoolProblems(tasks: readonly Task[]): Failure[] {
  const byName = new Map(tasks.map(task => [task.name, task]))
  const cleaned = new Set(tasks.flatMap(({ cleans }) => (cleans === undefined ? [] : [cleans])))
  const holds = (task: Pick<Task, 'resources'>) =>
    Object.entries(task.resources).filter(([pool, amount]) => pool !== 'cpu' && amount > 0)
  const holders = new Set([...cleaned].filter(name => holds(byName.get(name) ?? noTask).length > 0))
  if (holders.size === 0) return []
  const problems: Failure[] = []
  for (const task of tasks) {
    const held = [...allNeeds(task, byName)].filter(({ name }) => holders.has(name))
    const [first, second] = held
    const own = new Set(holds(task).map(([pool]) => pool))
    const wanted = held.flatMap(holder => holds(holder).flatMap(([pool]) => (own.has(pool) ? [{ holder, pool }] : [])))
    const at = { at: placeText(task.place) }
    for (const { holder, pool } of wanted)
      problems.push(
        usage(
          `Task "${task.name}" wants the pool "${pool}", which "${holder.name}" holds until it has been cleaned up after`,
          at,
        ),
      )
    if (first && second)
      problems.push(
        usage(
          `Task "${task.name}" needs both "${first.name}" and "${second.name}", which hold pools: it could wait for ever`,
          at,
        ),
      )
  }
  return problems
}

const noTask = { resources: {} } as const satisfies Pick<Task, 'resources'>

function allNeeds(task: Task, byName: ReadonlyMap<string, Task>): ReadonlySet<Task> {
  const needsOf = ({ needs }: Task) => needs.flatMap(name => byName.get(name) ?? [])
  return reachable(needsOf(task), needsOf)
}
