/** The graph of a workflow's tasks: an edge from each task to those that need it. */
import { DirectedGraph } from 'graphology'
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
export function buildTaskGraph(workflow: Workflow, _only: readonly string[] = workflow.targets): TaskGraph {
  return new DirectedGraph<TaskNode, TaskEdge>()
}
