/** How a task ended in a run, or would end. */
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

/** `started`: its program ran, so that there may be something to clean up. */
export type Ended = TaskOutcome & { readonly started: boolean }

export const noteOf = (note: string | undefined) => (note === undefined ? {} : { note })
