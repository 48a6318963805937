/** The report off a terminal: one line per event, in order, nothing redrawn. */
import type { ReportedEvent, Reporter, ReportOptions } from '../reporter.ts'
import { padColumns } from './columns.ts'
import { palette } from './palette.ts'
import { PermanentLines } from './permanent-lines.ts'
import { shownEvent } from './shown-event.ts'

/** A log is to show that a long task is alive, not every percent of it. */
const progressEveryMs = 10_000

export function lineReporter(options: ReportOptions): Reporter {
  const lines = new PermanentLines(options, progressEveryMs)
  const colors = palette(options.color)
  const lastProgress = new Map<string, number>()

  const started = (event: ReportedEvent): string => {
    if (event.type === 'task-started') {
      lastProgress.set(event.task, Date.parse(event.at))
      return startedLine(event.task, event.because)
    }
    if (event.type !== 'task-progress') return ''
    const at = Date.parse(event.at)
    if (at - (lastProgress.get(event.task) ?? 0) < progressEveryMs) return ''
    lastProgress.set(event.task, at)
    return startedLine(event.task, event.text)
  }
  const startedLine = (task: string, text: string): string =>
    `  ${colors.busy('●')} ${padColumns(task, lines.nameWidth)}  ${''.padStart(10)}  ${colors.quiet(text)}\n`

  return {
    event(happened) {
      const event = shownEvent(happened)
      const permanent = lines.add(event)
      const progress = permanent.progress + started(event)
      if (progress !== '') options.output.progress(progress)
      if (permanent.result !== '') options.output.result(permanent.result)
    },
    close() {},
  }
}
