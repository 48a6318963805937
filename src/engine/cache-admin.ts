/** What `k8s-ha cache` does: stats, verify, prune, clear. */
import { failed } from '../platform/failure.ts'
import { fail, type Result } from '../platform/result.ts'

export interface CacheStats {
  readonly sizeBytes: number
  readonly records: number
  readonly blobs: number
  /** Largest first. */
  readonly byTask: readonly { readonly task: string; readonly records: number; readonly sizeBytes: number }[]
  /** Over the runs whose logs are kept. */
  readonly hits: { readonly upToDate: number; readonly restored: number; readonly executed: number }
}

export interface PruneOptions {
  readonly maxSizeBytes?: number
  readonly maxAgeMs?: number
  readonly dryRun?: boolean
  /** Told for whom the wait is when a run uses the store. */
  readonly onWait?: (text: string) => void
  readonly signal?: AbortSignal
}

export interface PruneReport {
  readonly removedRecords: number
  readonly removedBytes: number
  readonly keptBytes: number
}

/** `problems` name each file that was not what its name says; those files are gone, so they are misses from now on. */
export interface VerifyReport {
  readonly checkedBytes: number
  readonly checked: number
  readonly problems: readonly string[]
}

export async function cacheStats(_cacheDir: string): Promise<Result<CacheStats>> {
  return fail(failed('Cannot read the cache: to be written'))
}
export async function cacheVerify(_cacheDir: string, _signal?: AbortSignal): Promise<Result<VerifyReport>> {
  return fail(failed('Cannot verify the cache: to be written'))
}
export async function cachePrune(_cacheDir: string, _options: PruneOptions): Promise<Result<PruneReport>> {
  return fail(failed('Cannot prune the cache: to be written'))
}
/** Removes results, blobs and what is known about projects; not the runs' folders. Waits for running runs. */
export async function cacheClear(
  _cacheDir: string,
  _options: Omit<PruneOptions, 'maxSizeBytes' | 'maxAgeMs'> = {},
): Promise<Result<PruneReport>> {
  return fail(failed('Cannot clear the cache: to be written'))
}
