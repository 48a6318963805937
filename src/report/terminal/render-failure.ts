/** The one wording of failures: what was attempted and seen, then where to look, then what to do. */
import type { Failure } from '../../platform/failure.ts'
import { shownInLine, shownLines, withoutColors } from '../printable.ts'
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
    `${colors.bad('error:')} ${shownInLine(failure.message)}`,
    ...fact('task', text.task && shownInLine(text.task)),
    ...fact('at', path(failure.at)),
    ...(failure.excerpt ? [indent(shownLines(failure.excerpt.trimEnd()), '  ')] : []),
    // The colours of a compiler go; what else it sent is shown.
    ...fact('last', failure.last && withoutColors(failure.last)),
    ...fact('log', path(failure.log)),
    ...fact('try', failure.try),
  ]
  const others = (failure.also ?? []).map(other => renderFailure(other, text))
  return `${lines.join('\n')}\n${others.join('')}`
}

const labelWidth = 7

function fact(label: string, text: string | undefined): string[] {
  if (!text?.trim()) return []
  const margin = ' '.repeat(labelWidth + 2)
  return [`  ${`${label}:`.padEnd(labelWidth)}${indent(shownLines(text.trim()), margin).trimStart()}`]
}

const indent = (text: string, margin: string): string =>
  text
    .split('\n')
    .map(line => `${margin}${line}`)
    .join('\n')
