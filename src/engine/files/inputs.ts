/** Which files the inputs of a task are, now. */
import { type BigIntStats, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { type Failure, usage } from '../../platform/failure.ts'
import { systemPath } from '../../platform/file-names.ts'
import { ifThere } from '../../platform/files.ts'
import { placeText } from '../../text/source-text.ts'
import { OutputOwners } from '../workflow/output-owners.ts'
import { globBase, globDepth, isOfGit, pathMatcher } from '../workflow/path-matcher.ts'
import { isGlob, isInside } from '../workflow/project-path.ts'
import { reachable } from '../workflow/reachable.ts'
import type { Task } from '../workflow/workflow.ts'
import { lstat } from './lstat.ts'
import { missingInput } from './missing-input.ts'
import { isUnfinished } from './output-place.ts'
import { type LinkCircle, type Walked, walk } from './walk.ts'

export interface InputFile {
  readonly path: string
  /** The direct need whose output it is: then that need's digest stands for it. */
  readonly madeBy?: string
  /** What was seen there, if it had to be looked at to be found: one look is enough. */
  readonly stat?: BigIntStats
}

/** `pattern`: which of the task's inputs is at fault. */
export type InputFiles =
  | { readonly files: readonly InputFile[] }
  | { readonly failure: Failure; readonly pattern: string }

interface Found {
  readonly paths: readonly string[]
  readonly circles?: readonly LinkCircle[]
  /** Of the only path. */
  readonly stat?: BigIntStats
}

/** Looks at folders at most once as long as nothing runs. */
export class Inputs {
  readonly #projectDir: string
  /** Relative to the project: never an input, even where a glob matches. */
  readonly #excluded: readonly string[]
  readonly #owners: OutputOwners
  readonly #needsOf: (task: string) => readonly string[]
  readonly #walks = new Map<string, Walked>()
  /** Of the task that was asked for last: kept for all of them, it would grow with the square of their number. */
  #upstream: { readonly task: string; readonly names: ReadonlySet<string> } | undefined
  readonly #matchers = new Map<string, (path: string) => boolean>()

  constructor(projectDir: string, excluded: readonly string[], tasks: readonly Task[]) {
    this.#projectDir = projectDir
    this.#excluded = excluded
    this.#owners = new OutputOwners(tasks)
    const byName = new Map(tasks.map(task => [task.name, task]))
    this.#needsOf = name => byName.get(name)?.needs ?? []
  }

  /** To be called when something wrote into the project. */
  forgetFolders(): void {
    this.#walks.clear()
  }

  /** Sorted by path. A literal path that does not exist and a glob that matches nothing are failures. */
  of(task: Task): InputFiles {
    const matched = new Map<string, InputFile>()
    const excluded = task.inputs
      .filter(pattern => pattern.startsWith('!'))
      .map(pattern => this.#matcher(pattern.slice(1)))
    for (const pattern of task.inputs) {
      if (pattern.startsWith('!')) continue
      const found = isGlob(pattern) ? this.#glob(pattern) : this.#literal(pattern)
      if (!found) return { failure: missingInput(task, pattern, this.#projectDir), pattern }
      const circle = found.circles?.find(({ link }) => !excluded.some(matches => matches(link)))
      if (circle) return { failure: inCircle(task, circle), pattern }
      for (const path of found.paths) {
        const input = excluded.some(matches => matches(path)) ? undefined : this.#input(task, path, pattern)
        if (input) matched.set(path, found.stat ? { ...input, stat: found.stat } : input)
      }
    }
    const files = [...matched.values()]
    return { files: files.length > 1 ? files.sort((a, b) => (a.path < b.path ? -1 : 1)) : files }
  }

  /** Whether what the inputs match can depend on what needs bring into the project. */
  dependOnNeeds(task: Task): boolean {
    return task.inputs.some(pattern => {
      if (pattern.startsWith('!')) return false
      const base = isGlob(pattern) ? globBase(pattern) : pattern
      return this.#owners.near(base).some(owner => this.#upstreamOf(task.name).has(owner))
    })
  }

  /** Before its needs have ended: a literal path that is not there and that no task makes. */
  missingNow(task: Task): InputFiles | undefined {
    const missing = task.inputs.find(pattern => {
      if (pattern.startsWith('!') || isGlob(pattern)) return false
      return this.#owners.of(pattern) === undefined && !lstat(this.#projectDir, pattern)
    })
    return missing === undefined
      ? undefined
      : { failure: missingInput(task, missing, this.#projectDir), pattern: missing }
  }

  /** Undefined: not an input after all, as it belongs to a task that need not have run before this one. */
  #input(task: Task, path: string, pattern: string): InputFile | undefined {
    const owner = this.#owners.of(path)
    if (owner === undefined) return { path }
    if (task.needs.includes(owner)) return { path, madeBy: owner }
    if (owner === task.name || (pattern !== path && !this.#upstreamOf(task.name).has(owner))) return undefined
    return { path }
  }

  #upstreamOf(name: string): ReadonlySet<string> {
    if (this.#upstream?.task === name) return this.#upstream.names
    const names = reachable(this.#needsOf(name), need => this.#needsOf(need))
    this.#upstream = { task: name, names }
    return names
  }

  /** A file, a link, or every file below a folder (there may be none). */
  #literal(path: string): Found | undefined {
    const stat = lstat(this.#projectDir, path)
    if (!stat) return undefined
    const behind = stat.isSymbolicLink() && !isExcluded(path, this.#excluded) && this.#leadsToFolder(path)
    if (!behind && !stat.isDirectory()) return { paths: [path], stat }
    const { paths, circles } = this.#walk(path, Number.POSITIVE_INFINITY)
    return { paths: behind ? [path, ...paths] : paths, circles }
  }

  #leadsToFolder(path: string): boolean {
    const stat = ifThere(() => statSync(systemPath(join(this.#projectDir, path)), { throwIfNoEntry: false }))
    return stat?.isDirectory() ?? false
  }

  #glob(pattern: string): Found | undefined {
    const matches = this.#matcher(pattern)
    const { paths, circles } = this.#walk(posix.normalize(globBase(pattern)), globDepth(pattern))
    const found = paths.filter(path => matches(path))
    return found.length === 0 ? undefined : { paths: found, circles }
  }

  #matcher(pattern: string): (path: string) => boolean {
    const known = this.#matchers.get(pattern)
    if (known) return known
    const matches = pathMatcher(pattern, isGlob(pattern))
    this.#matchers.set(pattern, matches)
    return matches
  }

  /** Paths of files and links below a folder; links to folders are followed. */
  #walk(base: string, depth: number): Walked {
    const key = `${depth} ${base}`
    const known = this.#walks.get(key)
    if (known) return known
    const prefix = base === '.' ? '' : `${base}/`
    const skipped = (path: string) => isUnfinished(path) || isOfGit(path) || isExcluded(path, this.#excluded)
    const found = walk(join(this.#projectDir, base), { depth, skips: path => skipped(prefix + path) })
    const walked = {
      paths: found.paths.map(path => prefix + path),
      circles: found.circles.map(({ link, target }) => ({ link: prefix + link, target })),
    }
    this.#walks.set(key, walked)
    return walked
  }
}

const inCircle = (task: Task, { link, target }: LinkCircle): Failure =>
  usage(`Inputs of task "${task.name}" lie in a circle: "${link}" leads to ${target}, which holds it`, {
    at: placeText(task.place),
    try: `exclude it: "!${link}"`,
  })

const isExcluded = (path: string, excluded: readonly string[]): boolean =>
  excluded.some(folder => isInside(path, folder))
