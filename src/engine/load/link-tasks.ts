/** What tasks need of each other: names resolved, cycles named, an order found; then owners of outputs are compared. */
import { didYouMean } from '../../text/did-you-mean.ts'
import { reachable } from '../workflow/reachable.ts'
import type { Task } from '../workflow/workflow.ts'
import { checkOwners } from './check-owners.ts'
import type { WrittenTask } from './expand-tasks.ts'
import { TaskGraph } from './task-graph.ts'
import { listOf } from './written/list-of.ts'

/** The tasks in an order that respects needs; problems go to the files. */
export function linkTasks(written: readonly WrittenTask[]): Task[] {
  const present = resolveNeeds(written).filter(({ absent }) => !absent)
  const graph = new TaskGraph(present.map(({ task }) => task))
  const linked = addClean(present, graph)
  for (const { task } of linked) for (const earlier of task.after) graph.addEdge(earlier, task.name)
  const order = graph.order()
  if ('cycle' in order) {
    const at = linked.find(({ task }) => task.name === order.cycle[0])
    at?.file.problem(`Tasks need each other in a circle: ${order.cycle.join(' → ')}`, ['tasks', at.base, 'needs'])
    return []
  }
  const byName = new Map(linked.map(({ task }) => [task.name, task]))
  checkOwners(linked, byName)
  return order.names.flatMap(name => byName.get(name) ?? [])
}

/** A need that names a matrix task means all of its variants. */
function resolveNeeds(written: readonly WrittenTask[]): WrittenTask[] {
  const variants = new Map<string, string[]>()
  for (const { base, task } of written) {
    const known = variants.get(base)
    if (base !== task.name && known) known.push(task.name)
    else variants.set(base, [task.name])
    if (base !== task.name) variants.set(task.name, [task.name])
  }
  const absent = new Set(written.filter(entry => entry.absent).flatMap(({ base, task }) => [base, task.name]))
  const reported = new Set<string>()
  return written.map(entry => {
    const { task, file, base } = entry
    const needs = new Set<string>()
    for (const need of task.needs) {
      if (!absent.has(need)) for (const name of variants.get(need) ?? []) needs.add(name)
      if (variants.has(need) || reported.has(`${base} ${need}`)) continue
      reported.add(`${base} ${need}`)
      const key = need === task.cleans ? 'cleans' : need === task.sandbox?.root ? 'sandbox' : 'needs'
      const index = listOf(file.raw.tasks?.[base]?.needs).indexOf(need)
      file.problem(`Unknown task "${need}"${didYouMean(need, variants.keys())}`, [
        'tasks',
        base,
        key,
        ...(key === 'needs' && index >= 0 ? [index] : []),
      ])
    }
    const cleaned = task.cleans === undefined ? [] : (variants.get(task.cleans) ?? [])
    if (cleaned.length > 1)
      file.problem(`"cleans" names a matrix: name one of ${cleaned.slice(0, 3).join(', ')}`, ['tasks', base, 'cleans'])
    return { ...entry, task: { ...task, needs: [...needs] } }
  })
}

/** A clean-up task comes after every task that depends, directly or not, on the one that it cleans up after. */
function addClean(written: readonly WrittenTask[], graph: TaskGraph): readonly WrittenTask[] {
  const cleaned = new Map(written.map(({ task }) => [task.name, task.cleans]))
  return written.map(entry => {
    const { cleans, needs } = entry.task
    if (cleans === undefined || !cleaned.has(cleans)) return entry
    // Those that clean up after the same task, and what follows them, come in any order.
    const dependents = (name: string) => graph.followers(name).filter(other => cleaned.get(other) !== cleans)
    const after = reachable([cleans], dependents)
    after.delete(cleans)
    return { ...entry, task: { ...entry.task, after: [...after].filter(name => !needs.includes(name)) } }
  })
}
