/** What stands at the end of a run: every failure in full, then one line that says how the run went. */
import type { FinalStatus, PlannedStatus, RunEvent } from '../../engine/events.ts'
import { formatDuration } from '../format-duration.ts'
import type { ReportOptions } from '../reporter.ts'
import { palette } from './palette.ts'
import { renderFailure } from './render-failure.ts'
import type { TaskFinished } from './task-line.ts'

export type RunFinished = Extract<RunEvent, { type: 'run-finished' }>

const counted: readonly (readonly [FinalStatus | PlannedStatus, string])[] = [
  ['executed', 'executed'],
  ['restored', 'restored'],
  ['would-execute', 'would run'],
  ['would-restore', 'would be restored'],
  ['up-to-date', 'up to date'],
  ['unknown', 'may run'],
  ['kept', 'kept'],
  ['failed', 'failed'],
  ['cancelled', 'cancelled'],
  ['skipped', 'skipped'],
]

export interface SummaryOptions extends ReportOptions {
  readonly dryRun: boolean
  /** All that failed are scenarios that could not be judged. */
  readonly notJudged?: boolean
  /** The file of the run's page. */
  readonly page?: string
}

/** Every task is up to date, and there are some. */
export const isUpToDate = ({ status, counts }: RunFinished): boolean =>
  status === 'passed' && (counts['up-to-date'] ?? 0) > 0 && total(counts) === counts['up-to-date']

const total = (counts: RunFinished['counts']): number => Object.values(counts).reduce((sum, count) => sum + count, 0)

/** "passed in 61 ms · 100 tasks up to date". */
function nothingDone({ durationMs, counts }: RunFinished, { color }: SummaryOptions): string {
  const count = counts['up-to-date'] ?? 0
  return `${palette(color).good('passed')} in ${formatDuration(durationMs)} · ${count} ${count === 1 ? 'task' : 'tasks'} up to date`
}

/** "passed in 74.1 s · 5 executed, 9 up to date · logs in cache/runs/20260822-141503" */
export function summaryLine(event: RunFinished, options: SummaryOptions): string {
  if (isUpToDate(event) && !options.dryRun && options.page === undefined) return nothingDone(event, options)
  const colors = palette(options.color)
  const counts = counted.flatMap(([status, word]) => {
    const count = event.counts[status] ?? 0
    return count === 0 ? [] : [`${count} ${word}`]
  })
  const isOpen = event.status === 'failed' && options.notJudged === true
  const color = event.status === 'passed' ? colors.good : isOpen ? colors.busy : colors.bad
  const verdict = options.dryRun ? 'planned' : isOpen ? 'not judged' : event.status
  return [
    `${color(verdict)} in ${formatDuration(event.durationMs)}`,
    ...(counts.length === 0 ? [] : [counts.join(', ')]),
    ...(event.runDir === undefined ? [] : [`logs in ${options.displayPath(event.runDir)}`]),
    ...(options.page === undefined ? [] : [`report in ${options.displayPath(options.page)}`]),
  ].join(' · ')
}

/** The block for a task that failed: the claim, what was seen last, where the logs are. */
export function failureBlock(event: TaskFinished, options: ReportOptions, lastOutput: readonly string[]): string {
  const failure = event.failure ?? { kind: 'failed' as const, message: event.because }
  const shown =
    failure.last === undefined && lastOutput.length > 0 ? { ...failure, last: lastOutput.join('\n') } : failure
  return renderFailure(shown, { color: options.color, task: event.task, displayPath: options.displayPath })
}
