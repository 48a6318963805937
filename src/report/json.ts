/** The report for programs: every event as it is, one JSON object a line on stdout and nothing else. */
import type { Reporter, ReportOutput } from './reporter.ts'

export const jsonReporter = (output: ReportOutput): Reporter => ({
  event: event => output.result(`${JSON.stringify(event)}\n`),
  close() {},
})
