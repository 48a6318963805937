/** A YAML text with the places of all that is in it. What YAML allows and no file of ours can mean is refused. */
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
import { type Failure, messageOf, usage } from '../platform/failure.ts'
import { placeText, type SourceText } from './source-text.ts'
import { needsQuotes, type Words, yamlWords } from './yaml-words.ts'

export type Path = readonly (string | number)[]
export type Range = readonly [start: number, end: number]
/** After so many, more errors of a broken text help nobody. */
export const maxErrors = 20

export interface YamlOptions {
  /** "workflow": what it should have been, for messages. */
  readonly what: string
  readonly maxBytes: number
  /** What else to say of a text that is larger. */
  readonly whenLarger?: string
  /** May change the values of a text that is well formed. */
  readonly prepare?: (document: Document) => void
}

export class YamlDocument {
  readonly failures: Failure[] = []
  readonly #source: SourceText
  readonly #options: YamlOptions
  /** Undefined when it is no YAML; then there are failures. */
  readonly #document: Document | undefined
  /** Met so far: an alias must come after its anchor. */
  readonly #anchors = new Set<string>()
  readonly #pairsByKey = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>()

  constructor(source: SourceText, options: YamlOptions) {
    this.#source = source
    this.#options = options
    this.#document = this.#parse()
  }

  get isUnreadable(): boolean {
    return this.#document === undefined
  }

  /** Its value in JavaScript; undefined when it has none, or none that can be had. */
  value(): unknown {
    try {
      return this.#document?.toJS({ maxAliasCount })
    } catch (error) {
      this.#unreadable(messageOf(error))
      return undefined
    }
  }

  /** Offsets of the node at the path, or of the nearest thing above it. */
  range(path: Path, part: 'key' | 'value'): Range {
    let node: unknown = this.#document?.contents
    let range: Range = [0, 1]
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

  #parse(): Document | undefined {
    const { text } = this.#source
    const { maxBytes, whenLarger = '' } = this.#options
    if (text.length > maxBytes) return this.#unreadable(`it is larger than ${maxBytes / 1024 / 1024} MiB${whenLarger}`)
    try {
      const document = parseDocument(text, parseOptions)
      // What nests deep enough ends the parser's stack, which it reports as any other error.
      if (document.errors.some(error => error.message.includes('call stack'))) return this.#tooDeep()
      for (const error of document.errors.slice(0, maxErrors))
        this.#refuse(yamlWords(error.code, error.message, text.slice(...error.pos)), error.pos)
      for (const { pos } of document.warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED'))
        this.#refuse(needsQuotes(text.slice(...pos)), pos)
      this.#refuseStrange(document.contents, document, [])
      if (this.failures.length > 0) return undefined
      this.#options.prepare?.(document)
      return document
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return this.#tooDeep()
    }
  }

  #tooDeep(): undefined {
    return this.#unreadable('it is nested too deeply')
  }

  #unreadable(why: string, range: Range = [0, 1]): undefined {
    this.#problem(`Cannot read the ${this.#options.what}: ${why}`, range)
  }

  #refuse({ why, try: mend }: Words, range: Range): void {
    this.#unreadable(why, range)
    const failure = this.failures.pop()
    if (failure) this.failures.push(mend === undefined ? failure : { ...failure, try: mend })
  }

  #problem(message: string, range: Range): void {
    this.failures.push(failureAt(this.#source, message, range))
  }

  /**
   * A value that contains itself, and the same key twice; the latter here rather than by the parser, whose own check
   * takes time in the square of a mapping's size.
   */
  #refuseStrange(node: unknown, document: Document, around: readonly Node[]): void {
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) this.#anchors.add(node.anchor)
    if (isPair(node)) {
      this.#refuseStrange(node.key, document, around)
      this.#refuseStrange(node.value, document, around)
      return
    }
    if (isAlias(node) && !this.#anchors.has(node.source))
      this.#refuse(needsQuotes(`*${node.source}`), rangeOf(node) ?? [0, 1])
    if (isAlias(node) && around.some(({ anchor }) => anchor === node.source)) {
      const meant = node.resolve(document)
      if (meant !== undefined && around.includes(meant))
        this.#problem(`"*${node.source}" stands inside of what it means`, rangeOf(node) ?? [0, 1])
    }
    if (!isMap(node) && !isSeq(node)) return
    const seen = new Set<string>()
    const inside = node.anchor === undefined ? around : [...around, node]
    for (const item of node.items) {
      if (isPair(item) && isScalar(item.key)) {
        const key = String(item.key.value)
        if (seen.has(key)) this.#problem(`The key "${shortened(key)}" is there twice`, rangeOf(item.key) ?? [0, 1])
        seen.add(key)
      }
      this.#refuseStrange(item, document, inside)
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
}

export const failureAt = (source: SourceText, message: string, [start, end]: Range): Failure =>
  usage(message, {
    at: placeText(source.place(start)),
    excerpt: source.excerpt(start, Math.max(1, end - start)),
  })

export const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 37)}…` : text)

const rangeOf = (node: Node | null | undefined): Range | undefined => {
  const range = node?.range
  return range ? [range[0], range[1]] : undefined
}

export const parseOptions = { prettyErrors: false, uniqueKeys: false, logLevel: 'error' } as const

/** Counts what anchors multiply, so that a small text cannot become a huge value. */
export const maxAliasCount = 100
