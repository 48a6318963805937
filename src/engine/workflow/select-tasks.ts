/** Which tasks of a workflow take part in a run: the wanted ones, what they need, and what cleans up after those. */
import { reachable } from './reachable.ts'
import type { Task, Workflow } from './workflow.ts'

/** In the workflow's order. `wanted` names tasks; a name of a matrix means all of its variants. */
export function selectTasks(workflow: Workflow, wanted: readonly string[]): readonly Task[] {
  const byName = new Map(workflow.tasks.map(task => [task.name, task]))
  const selected = new Set<string>()
  const add = (from: readonly string[]) => {
    const needsOf = (name: string) => (selected.has(name) ? [] : (byName.get(name)?.needs ?? []))
    for (const name of reachable(from, needsOf)) selected.add(name)
  }
  add(wanted.flatMap(name => (byName.has(name) ? [name] : tasksNamed(workflow, name))))
  const cleaning = workflow.tasks.filter(task => task.always && task.needs.length > 0)
  for (let before = -1; before !== selected.size; ) {
    before = selected.size
    for (const task of cleaning) {
      const wantedNow =
        task.cleans === undefined ? task.needs.every(need => selected.has(need)) : selected.has(task.cleans)
      if (wantedNow && !selected.has(task.name)) add([task.name])
    }
  }
  if (selected.size === workflow.tasks.length) return workflow.tasks
  return workflow.tasks.filter(task => selected.has(task.name))
}

/** The task of this name, or all variants of the matrix of this name; empty when there is none. */
export function tasksNamed(workflow: Workflow, name: string): string[] {
  if (workflow.tasks.some(task => task.name === name)) return [name]
  return workflow.tasks.filter(task => task.name.startsWith(`${name}[`)).map(task => task.name)
}
