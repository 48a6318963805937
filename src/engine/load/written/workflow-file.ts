/** One workflow file: its text parsed and checked against the schema, and the place of everything in it. */
import * as v from 'valibot'
import type { Failure } from '../../../platform/failure.ts'
import { didYouMean } from '../../../text/did-you-mean.ts'
import { type Place, SourceText } from '../../../text/source-text.ts'
import { failureAt, maxErrors, type Path, type Range, shortened, YamlDocument } from '../../../text/yaml-document.ts'
import { keepAsWritten } from './as-written.ts'
import { type Pieces, parseInPieces } from './parse-pieces.ts'
import { synonymOf } from './synonyms.ts'
import { knownKeys, type RawWorkflow, workflowSchema } from './workflow-schema.ts'

const maxRepairs = 5
const maxBytes = 64 * 1024 * 1024
/** The tree of a text that cannot be parsed in pieces takes a hundred times its size, and a second for each MiB. */
const maxWholeBytes = 8 * 1024 * 1024
const notInPieces = ', and cannot be read in pieces: something in it is wrong, or a task begins in the midst of a line'

export class WorkflowFile {
  readonly source: SourceText
  readonly failures: Failure[] = []
  /** Empty when the text is no workflow; then there are failures. */
  readonly raw: RawWorkflow
  #whole: YamlDocument | undefined
  #taskKeys: Pieces['taskKeys'] | undefined
  readonly #broken = new Set<string>()

  readonly #refused: boolean

  /** `refused`: why there is no text. */
  constructor(file: string, text: string, refused?: Failure) {
    this.source = new SourceText(file, text)
    this.#refused = refused !== undefined
    if (refused) this.failures.push(refused)
    const pieces = text.length > maxBytes ? undefined : parseInPieces(text)
    this.#taskKeys = pieces?.taskKeys
    this.raw = this.#validate(pieces?.value ?? this.#parsed().value())
    this.failures.unshift(...(this.#whole?.failures ?? []))
  }

  /** Not even YAML. */
  get isUnreadable(): boolean {
    return this.#refused || (this.#taskKeys === undefined && this.#parsed().isUnreadable)
  }

  place(path: Path, part: 'key' | 'value' = 'value'): Place {
    return this.source.place(this.#range(path, part)[0])
  }

  /** Adds a failure that points to the value (or key) at this path. */
  problem(message: string, path: Path, part: 'key' | 'value' = 'value'): void {
    this.failures.push(failureAt(this.source, message, this.#range(path, part)))
  }

  /** Of a file that was parsed in pieces, the whole is parsed only when there is something wrong with it. */
  #parsed(): YamlDocument {
    const isLimited = this.#taskKeys === undefined && this.source.text.length <= maxBytes
    const limit = isLimited ? { maxBytes: maxWholeBytes, whenLarger: notInPieces } : { maxBytes }
    this.#whole ??= new YamlDocument(this.source, { what: 'workflow', prepare: keepAsWritten, ...limit })
    return this.#whole
  }

  #validate(value: unknown): RawWorkflow {
    this.#refuseLists(value)
    this.#refuseUnknownKeys(value)
    let result = v.safeParse(workflowSchema, Array.isArray(value) ? {} : (value ?? {}))
    for (const issue of result.issues?.slice(0, maxErrors) ?? []) this.#schemaProblem(issue)
    // What is wrong is left out, and the rest looked at all the same: all errors of a file are reported at once.
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

  /** The schema stops at the first of a mapping. */
  #refuseUnknownKeys(value: unknown): void {
    const mappings: Path[] = [[]]
    for (const section of ['params', 'tasks'])
      for (const name of keysOf(at(value, [section]))) {
        mappings.push([section, name])
        if (section === 'tasks') mappings.push([section, name, 'sandbox'])
      }
    for (const path of mappings) {
      const known = knownKeys(path)
      for (const key of keysOf(at(value, path))) {
        if (known.includes(key)) continue
        const synonym = synonymOf(key, path)
        const hint = synonym === undefined ? didYouMean(key, known) : `; did you mean "${synonym}"?`
        this.problem(`Unknown key "${key}" in ${describePath(path)}${hint}`, [...path, key], 'key')
        if (path[0] === 'tasks') this.#broken.add(String(path[1]))
        leaveOut(value, [...path, key])
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
    if (last?.origin === 'key') {
      this.problem(
        `Invalid name "${key}" in ${describePath(path.slice(0, -1))}: expected ${issue.message}`,
        path,
        'key',
      )
    } else {
      const what = path.length === 0 ? 'The workflow' : `"${path.join('.')}"`
      const expected = issue.type === 'strict_object' ? 'a mapping' : issue.message
      this.problem(`${what} is ${shown(issue.input)}: expected ${expected}`, path)
    }
  }

  /** Offsets of the node at the path, or of the nearest thing above it. */
  #range(path: Path, part: 'key' | 'value'): Range {
    const [section, name] = path
    const known = path.length === 2 && section === 'tasks' && part === 'key' && this.#taskKeys?.get(String(name))
    return known || this.#parsed().range(path, part)
  }
}

/** What stands at a path of mappings; undefined when nothing does. */
function at(value: unknown, path: Path): unknown {
  let node = value
  for (const step of path) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, step)) return undefined
    node = Reflect.get(node, step)
  }
  return node
}

const keysOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []

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

const shown = (input: unknown): string => shortened(JSON.stringify(input) ?? 'nothing')

function describePath(path: Path): string {
  if (path.length === 0) return 'the workflow'
  const [section, name, ...rest] = path
  if (name === undefined) return `"${section}"`
  const what = section === 'tasks' ? 'task' : 'parameter'
  return rest.length === 0 ? `${what} "${name}"` : `"${rest.join('.')}" of ${what} "${name}"`
}
