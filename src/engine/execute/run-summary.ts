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

export function countByStatus(outcomes: readonly TaskOutcome[]): RunSummary['counts'] {
  const counts: Partial<Record<TaskOutcome['status'], number>> = {}
  for (const { status } of outcomes) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

export function statusOf(outcomes: readonly TaskOutcome[], signal: AbortSignal): RunSummary['status'] {
  if (signal.aborted && outcomes.some(({ status }) => status === 'cancelled')) return 'cancelled'
  return outcomes.some(({ status }) => status === 'failed') ? 'failed' : 'passed'
}
