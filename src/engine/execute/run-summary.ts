/** How a run ended, as a whole and task by task. */
import type { FinalStatus, PlannedStatus } from '../events.ts'
import type { TaskOutcome } from '../plan/outcome.ts'

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

/** What every run reports, also where it is none; the other statuses only where there are some. */
const none = { executed: 0, restored: 0, 'up-to-date': 0, failed: 0, skipped: 0, cancelled: 0 } as const

export function countByStatus(outcomes: readonly TaskOutcome[]): RunSummary['counts'] {
  const counts: Partial<Record<TaskOutcome['status'], number>> = { ...none }
  for (const { status } of outcomes) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

export function statusOf(outcomes: readonly TaskOutcome[], signal: AbortSignal): RunSummary['status'] {
  if (signal.aborted && outcomes.some(({ status }) => status === 'cancelled')) return 'cancelled'
  return outcomes.some(({ status }) => status === 'failed') ? 'failed' : 'passed'
}
