/** The graph of a workflow's tasks: an edge from each task to those that need it. */
import { DirectedGraph } from 'graphology'
import { topologicalSort } from 'graphology-dag'
import { selectTasks } from './select-tasks.ts'
import type { Task, Workflow } from './workflow.ts'

export interface TaskNode {
  readonly task: Task
}
export interface TaskEdge {
  /** `after`: order only, no data (clean-up tasks). */
  readonly kind: 'needs' | 'after'
}
export type TaskGraph = DirectedGraph<TaskNode, TaskEdge>

/** Of a loaded workflow, so without cycles. `only`: these tasks, what they need and what cleans up after them. */
export function buildTaskGraph(workflow: Workflow, only: readonly string[] = workflow.targets): TaskGraph {
  return graphOf(selectTasks(workflow, only))
}

/** The tasks with every task before those that need it, or the names of a circle, its first name repeated at the end. */
export function orderTasks(tasks: readonly Task[]): { readonly tasks: Task[] } | { readonly cycle: readonly string[] } {
  const graph = graphOf(tasks)
  const cycle = findCycle(graph)
  if (cycle) return { cycle }
  return { tasks: topologicalSort(graph).map(name => graph.getNodeAttribute(name, 'task')) }
}

function graphOf(tasks: readonly Task[]): TaskGraph {
  const graph = new DirectedGraph<TaskNode, TaskEdge>()
  for (const task of tasks) graph.addNode(task.name, { task })
  for (const task of tasks) {
    for (const need of task.needs) if (graph.hasNode(need)) graph.mergeEdge(need, task.name, { kind: 'needs' })
    for (const name of task.after)
      if (graph.hasNode(name) && !graph.hasEdge(name, task.name)) graph.addEdge(name, task.name, { kind: 'after' })
  }
  return graph
}

/** graphology tells that there is a cycle, not which: this walks needs depth first, without recursion. */
function findCycle(graph: TaskGraph): string[] | undefined {
  const finished = new Set<string>()
  for (const start of graph.nodes()) {
    if (finished.has(start)) continue
    const path: { readonly name: string; readonly needs: string[] }[] = []
    const onPath = new Set<string>()
    const enter = (name: string) => {
      path.push({ name, needs: graph.inNeighbors(name) })
      onPath.add(name)
    }
    enter(start)
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const need = top.needs.pop()
      if (need === undefined) {
        finished.add(top.name)
        onPath.delete(top.name)
        path.pop()
      } else if (onPath.has(need)) {
        const names = path.map(({ name }) => name)
        return [...names.slice(names.indexOf(need)), need]
      } else if (!finished.has(need)) enter(need)
    }
  }
  return undefined
}
