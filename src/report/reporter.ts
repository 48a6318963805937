/** What every report is: it gets each event of a run, in order, and writes text; it never computes a verdict. */
import type { RunEvent } from '../engine/events.ts'
import type { ReadRun } from './read-run.ts'

export interface Reporter {
  event(event: ReportedEvent): void
  /** After the last event, or when the run broke off. */
  close(): void
  /** Ctrl-Z: takes away what is drawn on the terminal, until `resume`. */
  pause?(): void
  resume?(): void
}

/** The events of the run, and before the last one what its scenarios came to. */
export type ReportedEvent = RunEvent | ScenarioResults

/** Of a run that ran scenarios. Not in the run's log: it is made from the records. */
export interface ScenarioResults {
  readonly type: 'scenarios'
  readonly run: ReadRun
  /** The verdicts as a table, for reports that are text; ends in a newline. */
  readonly table: string
  /** The page's file; absent when it could not be written. */
  readonly page?: string
}

/** Where a report writes: `progress` is stderr, `result` is stdout. Control characters are shown, not sent. */
export interface ReportOutput {
  progress(text: string): void
  result(text: string): void
}

/** Of a report that draws its last lines anew. */
export interface DrawingOutput extends ReportOutput {
  /** `erase` is sent as it is, before the text. */
  draw(erase: string, text: string): void
}

export interface ReportOptions {
  readonly output: ReportOutput
  readonly color: boolean
  /** Shows every line that the tasks print. */
  readonly verbose: boolean
  /** What a task printed when the result with this key was made, as far as logs are kept. */
  readonly earlierOutput?: (task: string, key: string) => string | undefined
  /** How to name a path to the user, for example relative to the folder that he is in. */
  readonly displayPath: (path: string) => string
}
