/** `${{ params.x }}` and `${{ matrix.x }}`: finding them, and putting values in their place. */
import { didYouMean } from '../../text/did-you-mean.ts'
import type { Script } from '../workflow/script.ts'
import type { Json, Scalar } from '../workflow/workflow.ts'
import { findInShell, substituteInShell, takesNoValue } from './shell/shell-places.ts'

/** Values by `params.x` or `matrix.x`. */
export type Scope = ReadonlyMap<string, Scalar>

export interface Substitution<T> {
  readonly value: T
  /** Messages for what could not be substituted. */
  readonly problems: readonly string[]
  /** The names of what was used. */
  readonly used: readonly string[]
}

const opening = '$' + '{{'
const whole = /^\$\{\{([^}]*)\}\}$/

export function substituteText(text: string, scope: Scope): Substitution<string> {
  if (!text.includes('${{')) return { value: text, problems: [], used: [] }
  const problems: string[] = []
  const used: string[] = []
  let value = ''
  let from = 0
  for (let start = text.indexOf(opening); start !== -1; start = text.indexOf(opening, from)) {
    const end = text.indexOf('}}', start)
    // Looked for once: a text with many openings and no end takes no longer than another one.
    if (end === -1) break
    const expression = text.slice(start + opening.length, end).trim()
    const found = lookUp(expression, scope, problems)
    if (found !== undefined) used.push(expression)
    value += text.slice(from, start) + String(found ?? '')
    from = end + 2
  }
  value += text.slice(from)
  if (value.includes('${{') && problems.length === 0) problems.push(`A "${opening}" without its "}}"`)
  return { value, problems, used }
}

/** Deep. A text that is one substitution and nothing else keeps the type of the value: a number stays a number. */
export function substituteJson(json: Json, scope: Scope): Substitution<Json> {
  const problems: string[] = []
  const used: string[] = []
  const visit = (node: Json): Json => {
    if (typeof node === 'string') {
      const alone = whole.exec(node)?.[1]?.trim()
      if (alone !== undefined && scope.has(alone)) {
        used.push(alone)
        return scope.get(alone) ?? ''
      }
      const result = substituteText(node, scope)
      problems.push(...result.problems)
      used.push(...result.used)
      return result.value
    }
    if (typeof node !== 'object' || node === null) return node
    if (isList(node)) return node.map(visit)
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, visit(value)]))
  }
  return { value: visit(json), problems, used }
}

export function substituteShell(script: string, scope: Scope): Substitution<Script> {
  if (!script.includes('${{')) return { value: { text: script, values: {} }, problems: [], used: [] }
  const problems: string[] = []
  const places = findInShell(script)
  const values = places.map(place => {
    if (takesNoValue(place.context))
      problems.push(
        `"\${{ ${place.expression} }}" stands in single quotes, where bash puts no value; it is one word without quotes`,
      )
    return String(lookUp(place.expression, scope, problems) ?? '')
  })
  const used = places.map(place => place.expression).filter(name => scope.has(name))
  return { value: substituteInShell(script, places, values), problems, used }
}

const isList = (json: Json): json is readonly Json[] => Array.isArray(json)

function lookUp(expression: string, scope: Scope, problems: string[]): Scalar | undefined {
  const found = scope.get(expression)
  if (found !== undefined) return found
  const [kind] = expression.split('.')
  if (kind === 'params')
    problems.push(`Undeclared parameter "${expression.slice(7)}"${didYouMean(expression, scope.keys())}`)
  else if (kind === 'matrix')
    problems.push(`The matrix has no "${expression.slice(7)}"${didYouMean(expression, scope.keys())}`)
  else problems.push(`Cannot substitute "\${{ ${expression} }}": only params.<name> and matrix.<name> are known`)
  return undefined
}
