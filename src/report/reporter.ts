/** What every report is: told each event of a run, in order, it writes text; it never computes a verdict. */
import type { RunEvent } from '../engine/events.ts'

export interface Reporter {
  event(event: RunEvent): void
  /** After the last event, or when the run broke off. */
  close(): void
}

/** Where a report writes: `progress` is stderr, `result` is stdout. */
export interface ReportOutput {
  progress(text: string): void
  result(text: string): void
}

export interface ReportOptions {
  readonly output: ReportOutput
  readonly color: boolean
  /** Shows every line that the tasks print. */
  readonly verbose: boolean
  /** How to name a path to the user, for example relative to the folder that he is in. */
  readonly displayPath: (path: string) => string
}
