/** Which results stay on this machine: those that may hold secrets, and what was made of such. */
import type { Task, TaskTypeRegistry } from '../workflow/workflow.ts'

export class LocalResults {
  readonly #taskOf: (name: string) => Task | undefined
  readonly #taskTypes: TaskTypeRegistry
  readonly #known = new Map<string, Promise<boolean>>()

  constructor(taskOf: (name: string) => Task | undefined, taskTypes: TaskTypeRegistry) {
    this.#taskOf = taskOf
    this.#taskTypes = taskTypes
  }

  has(task: Task): Promise<boolean> {
    const known = this.#known.get(task.name)
    if (known) return known
    const found = this.#find(task)
    this.#known.set(task.name, found)
    return found
  }

  async #find(task: Task): Promise<boolean> {
    if (task.local || (await this.#isSecret(task))) return true
    for (const name of task.needs) {
      const need = this.#taskOf(name)
      if (!need || (await this.has(need))) return true
    }
    return false
  }

  async #isSecret({ action }: Task): Promise<boolean> {
    const load = action.kind === 'uses' ? this.#taskTypes[action.type] : undefined
    return load !== undefined && (await load()).default.secret === true
  }
}
