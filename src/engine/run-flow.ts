/** Runs a workflow: load, decide, execute what must be, and tell of each step by events. */
import type { Failure } from '../platform/failure.ts'
import { failed } from '../platform/failure.ts'
import { fail, type Result } from '../platform/result.ts'
import type { FinalStatus, PlannedStatus } from './events.ts'
import type { RunOptions } from './project.ts'

export interface TaskOutcome {
  readonly task: string
  readonly status: FinalStatus | PlannedStatus
  readonly because: string
  readonly durationMs: number
  readonly note?: string
  readonly failure?: Failure
}

export interface RunSummary {
  readonly run: string
  readonly flow: string
  readonly status: 'passed' | 'failed' | 'cancelled'
  readonly durationMs: number
  readonly counts: Readonly<Partial<Record<FinalStatus | PlannedStatus, number>>>
  /** Every task, in the workflow's order. */
  readonly tasks: readonly TaskOutcome[]
  /** Absolute; absent for a dry run. */
  readonly runDir?: string
}

/** A failure only when nothing could be run at all (kind `usage`: an invalid workflow); a failed task is in the summary. */
export async function runFlow(_options: RunOptions): Promise<Result<RunSummary>> {
  return fail(failed('Cannot run: to be written'))
}
