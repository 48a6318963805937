/** Explains one task: what it would do, and what changed since its last result. */
import { failed } from '../platform/failure.ts'
import { fail, type Result } from '../platform/result.ts'
import type { PlannedStatus } from './events.ts'
import type { Project } from './project.ts'

export interface Change {
  readonly kind: 'definition' | 'parameter' | 'variable' | 'input' | 'need' | 'tool' | 'code' | 'output' | 'format'
  /** A path, a name or a command; never a value. */
  readonly name: string
  readonly change: 'changed' | 'added' | 'removed'
}

export interface Explanation {
  readonly task: string
  readonly status: PlannedStatus
  readonly because: string
  readonly changes: readonly Change[]
  /** The fingerprint; absent when it is unknown until needs have run. */
  readonly key?: string
}

/** Touches nothing, like a dry run. */
export async function why(_project: Project, _workflow: string, _task: string): Promise<Result<Explanation>> {
  return fail(failed('Cannot explain: to be written'))
}
