/**
 * Large workflow files, parsed some tasks at a time: the tree of a whole file takes a hundred times the file's size.
 */
import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type ParsedNode, parseDocument } from 'yaml'
import { maxAliasCount, parseOptions } from '../../../text/yaml-document.ts'
import { keepAsWritten, keepInTasks } from './as-written.ts'

/** A smaller file is parsed whole, and so much of a larger one at a time. */
const pieceLength = 64 * 1024
const entryLine = /^ *[A-Za-z_][A-Za-z0-9_.-]*:(?=\s|$)/

export interface Pieces {
  /** What the whole document is in JavaScript. */
  readonly value: Readonly<Record<string, unknown>>
  /** Where the name of each task stands: offsets of its start and end. */
  readonly taskKeys: ReadonlyMap<string, readonly [number, number]>
}

interface Piece {
  readonly text: string
  readonly offset: number
}

/**
 * Undefined for a small file, one that is not written as a block of tasks, and one in which anything is wrong: parsing
 * parsing the whole then reports the mistake. What is cut where a task begins means the same in pieces: everything that
 * belongs to a task stands deeper than its name, and what is open where it was cut makes its piece invalid.
 */
export function parseInPieces(text: string): Pieces | undefined {
  if (text.length <= pieceLength || /^(---|\.\.\.|%|\uFEFF)/m.test(text)) return undefined
  const heading = /^tasks:[ \t]*\r?\n/m.exec(text)
  if (!heading) return undefined
  const start = heading.index + heading[0].length
  const length = text.slice(start).search(/^[^\s#]/m)
  const end = length === -1 ? text.length : start + length
  const pieces = cut(text.slice(start, end), start)
  if (!pieces) return undefined
  const rest = [
    { text: text.slice(0, heading.index), offset: 0 },
    { text: text.slice(end), offset: end },
  ]
  try {
    const value = collect(rest, keepAsWritten)
    const tasks = collect(pieces, document => keepInTasks(document, document.contents))
    if (!value || !tasks || 'tasks' in value.entries) return undefined
    return { value: { ...value.entries, tasks: tasks.entries }, taskKeys: tasks.keys }
  } catch {
    return undefined
  }
}

/** At lines that begin a task; undefined when there are others as far to the left. */
function cut(block: string, offset: number): Piece[] | undefined {
  const indent = /^( +)[^\s#]/m.exec(block)?.[1]?.length
  if (indent === undefined) return undefined
  const pieces: Piece[] = []
  let from = 0
  for (const { index } of block.matchAll(new RegExp(`^(?: {0,${indent}}|\t)(?=[^\\s#])`, 'gm'))) {
    const lineEnd = block.indexOf('\n', index)
    const line = block.slice(index, lineEnd === -1 ? undefined : lineEnd)
    if (!entryLine.test(line) || line.search(/\S/) !== indent) return undefined
    if (index - from < pieceLength) continue
    pieces.push({ text: block.slice(from, index), offset: offset + from })
    from = index
  }
  return [...pieces, { text: block.slice(from), offset: offset + from }]
}

interface Collected {
  readonly entries: Record<string, unknown>
  readonly keys: ReadonlyMap<string, readonly [number, number]>
}

function collect(pieces: readonly Piece[], prepare: (document: Document) => void): Collected | undefined {
  const entries: Record<string, unknown> = {}
  const keys = new Map<string, readonly [number, number]>()
  for (const { text, offset } of pieces) {
    const document = parseDocument(text, parseOptions)
    if (document.errors.length > 0 || document.warnings.length > 0 || isStrange(document.contents)) return undefined
    if (document.contents === null) continue
    for (const [name, range] of keysOf(document) ?? []) {
      if (keys.has(name) || name === '__proto__') return undefined
      keys.set(name, [range[0] + offset, range[1] + offset])
    }
    if (!isMap(document.contents)) return undefined
    prepare(document)
    Object.assign(entries, document.toJS({ maxAliasCount }))
  }
  return { entries, keys }
}

function keysOf({
  contents,
}: Document.Parsed<ParsedNode>): (readonly [string, readonly [number, number]])[] | undefined {
  if (!isMap(contents)) return undefined
  return contents.items.map(({ key }) => {
    if (!isScalar(key) || !key.range) throw new Error('A name that is no text')
    return [String(key.value), [key.range[0], key.range[1]]] as const
  })
}

/** Keys that are there twice, and aliases, which might stand inside of what they mean. */
function isStrange(node: unknown): boolean {
  if (isAlias(node)) return true
  if (isPair(node)) return isStrange(node.key) || isStrange(node.value)
  if (!isMap(node) && !isSeq(node)) return false
  const seen = new Set<string>()
  for (const item of node.items) {
    if (isPair(item) && isScalar(item.key)) {
      const key = String(item.key.value)
      if (seen.has(key)) return true
      seen.add(key)
    }
    if (isStrange(item)) return true
  }
  return false
}
