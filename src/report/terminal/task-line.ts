/** The line that stays on the screen for a task that ended. */
import type { FinalStatus, PlannedStatus, RunEvent } from '../../engine/events.ts'
import { formatDuration } from '../format-duration.ts'
import { shownInLine } from '../printable.ts'
import { padColumns } from './columns.ts'
import type { Palette } from './palette.ts'

export type TaskFinished = Extract<RunEvent, { type: 'task-finished' }>
type Status = FinalStatus | PlannedStatus

const marks: Readonly<Record<Status, string>> = {
  executed: '✓',
  restored: '✓',
  'up-to-date': '✓',
  kept: '◆',
  failed: '✗',
  skipped: '−',
  cancelled: '−',
  'would-execute': '▸',
  'would-restore': '▸',
  unknown: '?',
}

/** What stands where an executed task has its time. */
const words: Readonly<Record<Status, string>> = {
  executed: '',
  failed: '',
  restored: 'restored',
  'up-to-date': 'up to date',
  kept: 'kept',
  skipped: 'skipped',
  cancelled: 'cancelled',
  'would-execute': 'would run',
  'would-restore': 'in cache',
  unknown: 'may run',
}

export const outcomeWidth = 10

/** One line, without its newline, of any length. */
export function taskLine(event: TaskFinished, nameWidth: number, colors: Palette): string {
  const outcome = words[event.status] || formatDuration(event.durationMs)
  const text = taskText(event)
  const line = `  ${mark(event.status, colors)} ${padColumns(event.task, nameWidth)}  ${outcome.padStart(outcomeWidth)}`
  return text === '' ? line : `${line}  ${event.status === 'failed' ? text : colors.quiet(text)}`
}

function taskText(event: TaskFinished): string {
  const { note, failure, because, status, from } = event
  if (status === 'failed') return firstLine(failure?.message ?? note ?? because)
  // That nothing changed needs no reason.
  const reason = status === 'up-to-date' ? '' : because
  return [from === 'remote' ? 'from the remote cache' : '', note, reason]
    .filter(Boolean)
    .map(part => firstLine(part ?? ''))
    .join(' · ')
}

function mark(status: Status, colors: Palette): string {
  if (status === 'failed') return colors.bad(marks.failed)
  const nothingDone = status === 'skipped' || status === 'cancelled' || status === 'unknown'
  return nothingDone ? colors.quiet(marks[status]) : colors.good(marks[status])
}

const firstLine = (text: string): string => shownInLine(text.split('\n', 1)[0] ?? '')
