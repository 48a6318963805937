/** What becomes of a task, and why: the answers of settle(). */
import type { Failure } from '../../platform/failure.ts'
import type { RemoteResult } from '../remote/remote-cache.ts'
import type { Manifest } from '../store/manifest.ts'
import type { ResultRecord } from '../store/result-cache.ts'
import type { Change } from './changes.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { PassedOver } from './standing.ts'

export type Settled = PassedOver | Unknown | Group | UpToDate | Restore | Run | Impossible

/** What must run or be restored before it can be said. */
export interface Unknown {
  readonly action: 'unknown'
  readonly because: string
}

interface Group {
  readonly action: 'group'
  readonly status: 'executed' | 'would-restore'
  readonly because: string
}

export interface UpToDate {
  readonly action: 'up-to-date'
  readonly because: string
  /** Absent for a group. */
  readonly print?: Fingerprint
  readonly note?: string | undefined
}

export interface Restore {
  readonly action: 'restore'
  readonly because: string
  readonly print: Fingerprint
  readonly record: Omit<ResultRecord, 'parts'>
  readonly manifest: Manifest
  /** Present when it is there only, and its blobs are still to come. */
  readonly remote?: RemoteResult
  readonly changes: readonly Change[]
}

export interface Run {
  readonly action: 'run'
  readonly because: string
  readonly print?: Fingerprint
  readonly changes: readonly Change[]
}

interface Impossible {
  readonly action: 'fail'
  readonly because: string
  readonly failure: Failure
}
