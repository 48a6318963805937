/** The events of a run: appended to its log as NDJSON, and all that any reporter knows. */
import { timestamp } from '../platform/clock.ts'
import type { Failure } from '../platform/failure.ts'
import type { EventData } from './workflow/task-type.ts'

export type FinalStatus = 'executed' | 'restored' | 'up-to-date' | 'failed' | 'skipped' | 'cancelled' | 'kept'
export type PlannedStatus = 'would-execute' | 'would-restore' | 'up-to-date' | 'unknown'

export type RunEvent =
  | {
      readonly type: 'run-started'
      readonly run: string
      readonly flow: string
      readonly tasks: number
      readonly dryRun?: true
      readonly at: string
    }
  | { readonly type: 'task-started'; readonly task: string; readonly because: string; readonly at: string }
  | {
      readonly type: 'task-output'
      readonly task: string
      readonly stream: 'stdout' | 'stderr'
      readonly text: string
      readonly at: string
    }
  | { readonly type: 'task-progress'; readonly task: string; readonly text: string; readonly at: string }
  /** What a task reports of its own doing, for programs: the kinds and their data are its task type's. */
  | {
      readonly type: 'task-event'
      readonly task: string
      readonly kind: string
      readonly data: EventData
      readonly at: string
    }
  | {
      readonly type: 'task-finished'
      readonly task: string
      readonly status: FinalStatus | PlannedStatus
      readonly because: string
      readonly key?: string
      readonly durationMs: number
      /** Where a restored result came from, when that was not this machine. */
      readonly from?: 'remote'
      /** A task's own word for the summary. */
      readonly note?: string
      readonly failure?: Failure
      readonly at: string
    }
  | { readonly type: 'warning'; readonly task?: string; readonly text: string; readonly at: string }
  | {
      readonly type: 'run-finished'
      readonly run: string
      readonly status: 'passed' | 'failed' | 'cancelled'
      readonly durationMs: number
      readonly counts: Readonly<Partial<Record<FinalStatus | PlannedStatus, number>>>
      readonly runDir?: string
      readonly at: string
    }

export type Emit = (event: RunEvent) => void

type Untimed<Event> = Event extends unknown ? Omit<Event, 'at'> : never
/** What happened, without when: RunLog, or a dry run, adds the time. */
export type Tell = (event: Untimed<RunEvent>) => void

export const stamped = (event: Untimed<RunEvent>): RunEvent => ({ ...event, at: timestamp() })
