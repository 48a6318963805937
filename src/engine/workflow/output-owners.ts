/** Which tasks own a path of the project: by an output that it is or lies in, or by a glob that matches it. */
import { globsAmong, type OutputGlobs, placesAmong } from './output-globs.ts'
import { isInside, upwards } from './project-path.ts'
import type { Task } from './workflow.ts'

type Owner = Pick<Task, 'name' | 'outputs'>

interface GlobOwner {
  readonly task: string
  readonly globs: OutputGlobs
}

export class OutputOwners {
  readonly #places: ReadonlyMap<string, string>
  /** By the folders below which they match: a path is compared with those alone that can match it. */
  readonly #globs = new Map<string, GlobOwner[]>()
  #sorted: readonly string[] | undefined

  constructor(tasks: readonly Owner[]) {
    this.#places = new Map(tasks.flatMap(task => placesAmong(task.outputs).map(place => [place, task.name] as const)))
    for (const { name, outputs } of tasks) {
      const globs = globsAmong(outputs)
      if (!globs) continue
      for (const base of globs.bases) this.#globs.set(base, [...(this.#globs.get(base) ?? []), { task: name, globs }])
    }
  }

  /** The nearest one. */
  of(path: string): string | undefined {
    for (const owner of this.all(path)) return owner
    return undefined
  }

  *all(path: string): Generator<string> {
    for (const folder of upwards(path)) {
      const owner = this.#places.get(folder)
      if (owner !== undefined) yield owner
    }
    yield* this.byGlobs(path)
  }

  *byGlobs(path: string): Generator<string> {
    if (this.#globs.size === 0) return
    for (const folder of [...upwards(path), '.'])
      for (const { task, globs } of this.#globs.get(folder) ?? []) if (globs.own(path)) yield task
  }

  /** Those that own this folder, or may own something in it. */
  near(folder: string): readonly string[] {
    this.#sorted ??= [...this.#places.keys()].sort()
    const prefix = folder === '' || folder === '.' ? '' : `${folder}/`
    const found = [...upwards(folder)]
    for (let at = firstFrom(this.#sorted, prefix); this.#sorted[at]?.startsWith(prefix); at++)
      found.push(this.#sorted[at] ?? '')
    const owners = found.flatMap(place => this.#places.get(place) ?? [])
    for (const [base, globs] of this.#globs)
      if (prefix === '' || base === '.' || isInside(base, folder) || isInside(folder, base))
        owners.push(...globs.map(({ task }) => task))
    return owners
  }
}

/** The index of the first text of a sorted list that is not before this one. */
function firstFrom(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? '') < text) low = middle + 1
    else high = middle
  }
  return low
}
