/** Makes a result of the remote cache one of this machine: its blobs, its manifest, its record. */
import { storageProblem } from '../../platform/files.ts'
import { markParts } from '../plan/changes.ts'
import type { Fingerprint } from '../plan/fingerprint.ts'
import type { RemoteCache, RemoteResult } from '../remote/remote-cache.ts'
import type { ResultCache } from '../store/result-cache.ts'
import type { Task } from '../workflow/workflow.ts'

export interface Adoption {
  readonly cache: ResultCache
  readonly remote: RemoteCache | undefined
  readonly print: Fingerprint
  /** The machine's own key for what `why` compares. */
  readonly secret: string
  readonly signal: AbortSignal
}

export async function adoptResult(
  task: Task,
  result: RemoteResult,
  { cache, remote, print, secret, signal }: Adoption,
): Promise<{ readonly storedBytes: number } | { readonly problem: string }> {
  const problem = await remote?.fetch(task, result, { blobs: cache.blobs, signal })
  if (problem !== undefined) return { problem }
  const { durationMs, sizeBytes, note } = result.record
  const parts = markParts(print.parts, secret)
  const noted = note === undefined ? {} : { note }
  try {
    await cache.put({ key: print.key, task: task.name, durationMs, sizeBytes, ...noted, parts }, result.manifest)
  } catch (error) {
    return { problem: storageProblem(error) }
  }
  return { storedBytes: sizeBytes }
}
