/** What changed between two fingerprints of a task, by name. */
import { createHmac } from 'node:crypto'
import { withoutPrefix } from '../load/shell/script-prefix.ts'
import type { KeptParts, PartKind } from '../store/kept-parts.ts'
import type { Part } from './fingerprint.ts'

export interface Change {
  readonly kind: PartKind | 'output'
  /** A path, a name or a command; never a value. */
  readonly name: string
  readonly change: 'changed' | 'added' | 'removed'
}

export const keepParts = (parts: readonly Part[], secret: string): KeptParts =>
  parts.map(([kind, name, value]) => [kind, name, markOf(value, secret)])

/** Tells whether marks were made with this key. */
export const keyMark = (secret: string): string => markOf('the key itself', secret)

/** What a record keeps of a fingerprint, for `why`. */
export const markParts = (parts: readonly Part[], secret: string) => ({
  by: keyMark(secret),
  marks: keepParts(parts, secret),
})

const markOf = (value: string, secret: string): string =>
  createHmac('sha256', secret).update(value).digest('base64url').slice(0, 22)

export function compareParts(before: KeptParts, after: KeptParts): Change[] {
  const id = (part: KeptParts[number]) => `${part[0]} ${part[1]}`
  const marks = new Map(before.map(part => [id(part), part[2]]))
  const changes: Change[] = []
  for (const part of after) {
    const mark = marks.get(id(part))
    marks.delete(id(part))
    if (mark === undefined) changes.push({ kind: part[0], name: part[1], change: 'added' })
    else if (mark !== part[2]) changes.push({ kind: part[0], name: part[1], change: 'changed' })
  }
  for (const [kind, name] of before.filter(part => marks.has(id(part)))) changes.push({ kind, name, change: 'removed' })
  return changes
}

const order: readonly Change['kind'][] = [
  'format',
  'definition',
  'code',
  'parameter',
  'variable',
  'tool',
  'need',
  'input',
  'output',
]
const shownNames = 3

/** "input src/a.c changed", "variables CC, CFLAGS changed; input b.c added". */
export function describeChanges(changes: readonly Change[]): string {
  const groups = new Map<string, string[]>()
  const sorted = [...changes].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
  for (const { kind, name, change } of sorted) {
    const group = groups.get(`${kind} ${change}`)
    if (group) group.push(name)
    else groups.set(`${kind} ${change}`, [name])
  }
  return [...groups].map(([group, names]) => describeGroup(group, names)).join('; ')
}

function describeGroup(group: string, names: readonly string[]): string {
  const [kind, change] = group.split(' ')
  if (kind === 'format') return 'the fingerprint’s format changed'
  if (kind === 'definition') return 'its definition changed'
  const shown = names
    .slice(0, shownNames)
    .map(name => displayName(kind ?? '', name))
    .join(', ')
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : ''
  const many = names.length > 1
  const nouns: Readonly<Record<string, string>> = {
    code: 'code of',
    parameter: many ? 'parameters' : 'parameter',
    variable: many ? 'variables' : 'variable',
    tool: many ? 'outputs of tools' : 'output of tool',
    need: 'output of',
    input: many ? 'inputs' : 'input',
    output: many ? 'outputs' : 'output',
  }
  return `${nouns[kind ?? ''] ?? kind} ${shown}${more} ${change}`
}

function displayName(kind: string, name: string): string {
  if (kind === 'parameter') return name.replace(/^params\./, '')
  if (kind !== 'tool') return name
  const line = withoutPrefix(name).replaceAll(/\s+/g, ' ').trim()
  return `"${line.length > 40 ? `${line.slice(0, 39)}…` : line}"`
}
