/** The graph of a workflow's tasks while it is loaded: an edge from each task to those that come after it. */
import { DirectedGraph } from 'graphology'
import { topologicalSort } from 'graphology-dag'
import type { Task } from '../workflow/workflow.ts'

export class TaskGraph {
  readonly #graph = new DirectedGraph()

  /** With an edge for each need. */
  constructor(tasks: readonly Task[]) {
    for (const { name } of tasks) this.#graph.addNode(name)
    for (const { name, needs } of tasks) for (const need of needs) this.addEdge(need, name)
  }

  /** A task that is not in the graph is passed over. */
  addEdge(earlier: string, later: string): void {
    if (this.#graph.hasNode(earlier)) this.#graph.mergeEdge(earlier, later)
  }

  /** Those that come directly after it. */
  followers(name: string): readonly string[] {
    return this.#graph.outNeighbors(name)
  }

  /** Each name after those that come before it; or the names of a circle, its first one again at its end. */
  order(): { readonly names: readonly string[] } | { readonly cycle: readonly string[] } {
    try {
      return { names: topologicalSort(this.#graph) }
    } catch (error) {
      // It says that there is a circle, not which.
      const cycle = findCycle(this.#graph)
      if (cycle) return { cycle }
      throw error
    }
  }
}

/** Depth first, without recursion: a chain of tasks may be long. */
function findCycle(graph: DirectedGraph): string[] | undefined {
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
