/** The globs among the outputs of a task: which paths they own. */
import { globBase, globDepth, isOfGit, pathMatcher } from './path-matcher.ts'
import { isInside } from './project-path.ts'

/** Brackets alone are part of a name: outputs of a matrix are often called `x[a]`. */
export const isOutputGlob = (output: string): boolean => /[*?{}]|^!/.test(output)

/** Outputs that are files or folders. */
export const placesAmong = (outputs: readonly string[]): readonly string[] =>
  outputs.some(isOutputGlob) ? outputs.filter(output => !isOutputGlob(output)) : outputs

interface Pattern {
  readonly text: string
  readonly base: string
  matches(path: string): boolean
}

export class OutputGlobs {
  readonly #patterns: readonly Pattern[]
  readonly #excluded: readonly ((path: string) => boolean)[]
  /** What is excluded with all that it holds; a place among the outputs is none of the globs' affair. */
  readonly #excludedPlaces: readonly string[]

  constructor(outputs: readonly string[]) {
    const excluded = outputs.flatMap(output => (output.startsWith('!') ? [output.slice(1)] : []))
    this.#patterns = outputs
      .filter(output => isOutputGlob(output) && !output.startsWith('!'))
      .map(text => ({ text, base: globBase(text), matches: pathMatcher(text, true) }))
    this.#excluded = excluded.filter(isOutputGlob).map(glob => pathMatcher(glob, true))
    this.#excludedPlaces = [...placesAmong(excluded), ...placesAmong(outputs)]
  }

  /** Without the excluding ones. */
  get patterns(): readonly string[] {
    return this.#patterns.map(({ text }) => text)
  }

  /** Folders below which everything lies that they match. */
  get bases(): readonly string[] {
    return [...new Set(this.#patterns.map(({ base }) => base))]
  }

  /** How many folders deep below a base something may lie. */
  depthBelow(folder: string): number {
    return Math.max(...this.#patterns.map(({ text, base }) => (base === folder ? globDepth(text) : 0)))
  }

  own(path: string): boolean {
    return this.name(path) && !this.#excludes(path)
  }

  /** Whether a pattern matches it, also where another one excludes it. */
  name(path: string): boolean {
    return !isOfGit(path) && this.#patterns.some(({ matches }) => matches(path))
  }

  /** Whether nothing in a folder is theirs. */
  passOver(folder: string): boolean {
    return isOfGit(folder) || this.#excludedPlaces.some(place => isInside(folder, place))
  }

  /** The first pattern that none of these paths comes from. */
  unmatched(paths: readonly string[]): string | undefined {
    const own = paths.filter(path => this.own(path))
    return this.#patterns.find(({ matches }) => !own.some(matches))?.text
  }

  #excludes(path: string): boolean {
    return this.passOver(path) || this.#excluded.some(matches => matches(path))
  }
}

const known = new WeakMap<readonly string[], OutputGlobs>()

/** Undefined when none of the outputs is a glob. */
export function globsAmong(outputs: readonly string[]): OutputGlobs | undefined {
  if (!outputs.some(isOutputGlob)) return undefined
  const globs = known.get(outputs) ?? new OutputGlobs(outputs)
  known.set(outputs, globs)
  return globs
}
