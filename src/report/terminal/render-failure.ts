/** The one wording of failures: what was attempted and seen, then where to look, then what to do. */
import type { Failure } from '../../platform/failure.ts'
import { palette } from './palette.ts'

export interface FailureText {
  readonly color?: boolean
  /** The task that it happened in. */
  readonly task?: string
  readonly displayPath?: (path: string) => string
}

/** Ends in a newline. Failures reported together stand one after the other, each with all of its lines. */
export function renderFailure(failure: Failure, text: FailureText = {}): string {
  const colors = palette(text.color ?? false)
  const path = (name: string | undefined) => (name === undefined ? undefined : (text.displayPath?.(name) ?? name))
  const lines = [
    `${colors.bad('error:')} ${inOneLine(failure.message)}`,
    ...fact('task', text.task),
    ...fact('at', path(failure.at)),
    ...(failure.excerpt ? [indent(failure.excerpt.trimEnd(), '  ')] : []),
    ...fact('last', failure.last),
    ...fact('log', path(failure.log)),
    ...fact('try', failure.try),
  ]
  const others = (failure.also ?? []).map(other => renderFailure(other, text))
  return `${lines.join('\n')}\n${others.join('')}`
}

/** A name with a line break, or with what moves the cursor, is shown escaped. */
const inOneLine = (text: string): string =>
  text.replaceAll(/\p{Cc}/gu, found => JSON.stringify(found).slice(1, -1).replace('\u007f', '\\u007f'))

const labelWidth = 7

function fact(label: string, text: string | undefined): string[] {
  if (!text?.trim()) return []
  const margin = ' '.repeat(labelWidth + 2)
  return [`  ${`${label}:`.padEnd(labelWidth)}${indent(text.trim(), margin).trimStart()}`]
}

const indent = (text: string, margin: string): string =>
  text
    .split('\n')
    .map(line => `${margin}${line}`)
    .join('\n')
