/** One workflow file: its text parsed and checked against the schema, and the place of everything in it. */
import * as v from 'valibot'
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml'
import { type Failure, usage } from '../platform/failure.ts'
import { maxAliasCount, type Pieces, parseInPieces, parseOptions } from './parse-pieces.ts'
import { placeText, SourceText } from './source-text.ts'
import { didYouMean } from './suggest.ts'
import type { Place } from './workflow.ts'
import { knownKeys, type RawWorkflow, workflowSchema } from './workflow-schema.ts'

type Path = readonly (string | number)[]
/** After so many, more errors of a broken text help nobody. */
const maxErrors = 20
const maxRepairs = 5
const maxBytes = 64 * 1024 * 1024

export class WorkflowFile {
  readonly source: SourceText
  readonly failures: Failure[] = []
  /** Empty when the text is no workflow; then there are failures. */
  readonly raw: RawWorkflow
  #document: Document | undefined
  #taskKeys: Pieces['taskKeys'] | undefined
  readonly #broken = new Set<string>()
  readonly #pairsByKey = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>()

  constructor(file: string, text: string) {
    this.source = new SourceText(file, text)
    const pieces = text.length > maxBytes ? undefined : parseInPieces(text)
    this.#taskKeys = pieces?.taskKeys
    this.raw = this.#validate(pieces?.value ?? this.#parseWhole())
  }

  /** Not even YAML. */
  get isUnreadable(): boolean {
    return this.#taskKeys === undefined && this.#document === undefined
  }

  place(path: Path, part: 'key' | 'value' = 'value'): Place {
    return this.source.place(this.#range(path, part)[0])
  }

  /** Adds a failure that points to the value (or key) at this path. */
  problem(message: string, path: Path, part: 'key' | 'value' = 'value'): void {
    this.failures.push(this.#failureAt(message, this.#range(path, part)))
  }

  #failureAt(message: string, [start, end]: readonly [number, number]): Failure {
    return usage(message, {
      at: placeText(this.source.place(start)),
      excerpt: this.source.excerpt(start, Math.max(1, end - start)),
    })
  }

  /** Its value in JavaScript; undefined when it has none. */
  #parseWhole(): unknown {
    this.#document = this.#parse()
    try {
      return this.#document?.toJS({ maxAliasCount })
    } catch (error) {
      this.failures.push(
        this.#failureAt(`Cannot read the workflow: ${error instanceof Error ? error.message : error}`, [0, 1]),
      )
      return undefined
    }
  }

  #parse(): Document | undefined {
    const { text } = this.source
    if (text.length > maxBytes) {
      this.failures.push(
        this.#failureAt(`Cannot read the workflow: it is larger than ${maxBytes / 1024 / 1024} MiB`, [0, 1]),
      )
      return undefined
    }
    try {
      const document = parseDocument(text, parseOptions)
      // What nests deep enough ends the parser's stack, which it reports as any other error.
      if (document.errors.some(error => error.message.includes('call stack'))) return this.#tooDeep()
      for (const error of document.errors.slice(0, maxErrors))
        this.failures.push(this.#failureAt(yamlMessage(error), error.pos))
      this.#refuseStrange(document.contents, document, [])
      return this.failures.length > 0 ? undefined : document
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return this.#tooDeep()
    }
  }

  #tooDeep(): undefined {
    this.failures.push(this.#failureAt('Cannot read the workflow: it is nested too deeply', [0, 1]))
    return undefined
  }

  /**
   * What YAML allows and no workflow can mean: a value that contains itself, and the same key twice; the latter here
   * rather than by the parser, whose own check takes time in the square of a mapping's size.
   */
  #refuseStrange(node: unknown, document: Document, around: readonly Node[]): void {
    if (isPair(node)) {
      this.#refuseStrange(node.key, document, around)
      this.#refuseStrange(node.value, document, around)
      return
    }
    if (isAlias(node) && around.some(({ anchor }) => anchor === node.source)) {
      const meant = node.resolve(document)
      if (meant !== undefined && around.includes(meant))
        this.failures.push(this.#failureAt(`"*${node.source}" stands inside of what it means`, rangeOf(node) ?? [0, 1]))
    }
    if (!isMap(node) && !isSeq(node)) return
    const seen = new Set<string>()
    const inside = node.anchor === undefined ? around : [...around, node]
    for (const item of node.items) {
      if (isPair(item) && isScalar(item.key)) {
        const key = String(item.key.value)
        const range = rangeOf(item.key) ?? [0, 1]
        if (seen.has(key)) this.failures.push(this.#failureAt(`The key "${shortened(key)}" is there twice`, range))
        seen.add(key)
      }
      this.#refuseStrange(item, document, inside)
    }
  }

  #validate(value: unknown): RawWorkflow {
    this.#refuseLists(value)
    let result = v.safeParse(workflowSchema, Array.isArray(value) ? {} : (value ?? {}))
    for (const issue of result.issues?.slice(0, maxErrors) ?? []) this.#schemaProblem(issue)
    // What is wrong is left out, and the rest looked at all the same: all errors of a file are told at once.
    for (let round = 0; !result.success && round < maxRepairs; round++) {
      for (const issue of result.issues) {
        const path = pathOf(issue)
        if (path[0] === 'tasks' && path[1] !== undefined) this.#broken.add(String(path[1]))
        if (path.length === 0) return {}
        leaveOut(value, path)
      }
      result = v.safeParse(workflowSchema, value ?? {})
    }
    return result.success ? result.output : {}
  }

  /** A list passes for an object in JavaScript, and so in the schema. */
  #refuseLists(value: unknown): void {
    if (Array.isArray(value)) this.problem(`The workflow is ${shown(value)}: expected a mapping`, [])
    if (typeof value !== 'object' || value === null) return
    for (const section of ['params', 'tasks']) {
      const entries: unknown = Reflect.get(value, section)
      if (typeof entries !== 'object' || entries === null) continue
      for (const [name, entry] of Object.entries(entries)) {
        if (!Array.isArray(entry)) continue
        this.problem(`"${section}.${name}" is ${shown(entry)}: expected a mapping`, [section, name])
        leaveOut(value, [section, name])
      }
    }
  }

  /** Parts of this task were left out because they are wrong, so that what seems to be missing may not be. */
  isBroken(task: string): boolean {
    return this.#broken.has(task)
  }

  #schemaProblem(issue: v.BaseIssue<unknown>): void {
    const path = pathOf(issue)
    const last = issue.path?.at(-1)
    const key = String(last?.key ?? '')
    const where = describePath(path.slice(0, -1))
    if (issue.type === 'strict_object' && issue.expected === 'never') {
      const known = knownKeys(path.slice(0, -1))
      this.problem(`Unknown key "${key}" in ${where}${didYouMean(key, known)}`, path, 'key')
    } else if (last?.origin === 'key') {
      this.problem(`Invalid name "${key}" in ${where}: expected ${issue.message}`, path, 'key')
    } else {
      const what = path.length === 0 ? 'The workflow' : `"${path.join('.')}"`
      const expected = issue.type === 'strict_object' ? 'a mapping' : issue.message
      this.problem(`${what} is ${shown(issue.input)}: expected ${expected}`, path)
    }
  }

  #pairs(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = this.#pairsByKey.get(map)
    if (known) return known
    const pairs = new Map<string, Pair>()
    for (const item of map.items) if (isScalar(item.key)) pairs.set(String(item.key.value), item)
    this.#pairsByKey.set(map, pairs)
    return pairs
  }

  /** Offsets of the node at the path, or of the nearest thing above it. */
  #range(path: Path, part: 'key' | 'value'): readonly [number, number] {
    const [section, name] = path
    const known = path.length === 2 && section === 'tasks' && part === 'key' && this.#taskKeys?.get(String(name))
    if (known) return known
    // Of a file that was parsed in pieces, the whole is parsed only when there is something wrong with it.
    this.#document ??= this.#parse()
    let node: unknown = this.#document?.contents
    let range: readonly [number, number] = [0, 1]
    for (const [index, step] of path.entries()) {
      if (isMap(node)) {
        const pair = this.#pairs(node).get(String(step))
        if (!pair) break
        const wanted = index === path.length - 1 && part === 'key' ? pair.key : (pair.value ?? pair.key)
        range = rangeOf(wanted as Node | null) ?? rangeOf(pair.key as Node | null) ?? range
        node = pair.value
      } else if (isSeq(node)) {
        node = node.items[Number(step)]
        range = rangeOf(node as Node | null) ?? range
      } else break
    }
    return range
  }
}

const pathOf = (issue: v.BaseIssue<unknown>): Path =>
  (issue.path ?? []).map(item => (typeof item.key === 'number' ? item.key : String(item.key)))

/** Removes the value at a path; of a list, the list's whole key. */
function leaveOut(value: unknown, path: Path): void {
  let node = value
  for (const [index, step] of path.entries()) {
    if (typeof node !== 'object' || node === null) return
    const next: unknown = Reflect.get(node, step)
    if (index === path.length - 1 || Array.isArray(next)) {
      Reflect.deleteProperty(node, step)
      return
    }
    node = next
  }
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 37)}…` : text)

const rangeOf = (node: Node | null | undefined): readonly [number, number] | undefined => {
  const range = node?.range
  return range ? [range[0], range[1]] : undefined
}

const shown = (input: unknown): string => shortened(JSON.stringify(input) ?? 'nothing')

function describePath(path: Path): string {
  if (path.length === 0) return 'the workflow'
  const [section, name, ...rest] = path
  if (name === undefined) return `"${section}"`
  const what = section === 'tasks' ? 'task' : 'parameter'
  return rest.length === 0 ? `${what} "${name}"` : `"${rest.join('.')}" of ${what} "${name}"`
}

function yamlMessage(error: { readonly message: string }): string {
  return `Cannot read the workflow: ${error.message.split('\n')[0]?.replace(/\.$/, '')}`
}
