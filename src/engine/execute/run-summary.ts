/** How a run ended, as a whole and task by task. */
import type { Failure } from '../../platform/failure.ts'
import type { FinalStatus, PlannedStatus } from '../events.ts'

export interface TaskOutcome {
  readonly task: string
  readonly status: FinalStatus | PlannedStatus
  readonly because: string
  readonly durationMs: number
  /** Where a restored result came from, when that was not this machine. */
  readonly from?: 'remote'
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

export function countByStatus(outcomes: readonly TaskOutcome[]): RunSummary['counts'] {
  const counts: Partial<Record<TaskOutcome['status'], number>> = {}
  for (const { status } of outcomes) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** `started`: its program ran, so that there may be something to clean up. */
export type Ended = TaskOutcome & { readonly started: boolean }
