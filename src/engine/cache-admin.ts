/** What `k8s-ha cache` does: stats, verify, prune, clear. */
import { globSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '../platform/digest.ts'
import { isMissing, readSealed, removeTree } from '../platform/files.ts'
import { entriesOf } from '../platform/folder-entries.ts'
import { acquireLock, type Lock } from '../platform/lock.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { storageProblem } from '../platform/system-error.ts'
import { readEnds, runNames } from './event-log.ts'
import { hashFile } from './files/content.ts'
import { ownNames } from './store/cache-folder.ts'
import { runsDir, storeLockFile, storeParts } from './store/cache-layout.ts'
import { type PruneLimits, type PruneReport, pruneStore } from './store/prune-store.ts'
import { listBlobs, listManifests, listRecords, type StoredFile } from './store/store-walk.ts'

export type { PruneReport } from './store/prune-store.ts'

export interface CacheStats {
  readonly sizeBytes: number
  readonly records: number
  readonly blobs: number
  /** Largest first; what several results share is counted for each. */
  readonly byTask: readonly { readonly task: string; readonly records: number; readonly sizeBytes: number }[]
  /** Over the runs whose logs are kept. */
  readonly hits: { readonly upToDate: number; readonly restored: number; readonly executed: number }
}

export interface PruneOptions extends PruneLimits {
  /** Gets the processes that are waited for when a run uses the store. */
  readonly onWait?: (text: string) => void
  readonly signal?: AbortSignal
}

/** `problems` name each file that was not what its name says; those files are gone, so they are misses from now on. */
export interface VerifyReport {
  readonly checkedBytes: number
  readonly checked: number
  readonly problems: readonly string[]
}

export async function cacheStats(cacheDir: string): Promise<Result<CacheStats>> {
  const [blobs, manifests, records] = [listBlobs(cacheDir), listManifests(cacheDir), listRecords(cacheDir)]
  const byTask = new Map<string, { task: string; records: number; sizeBytes: number }>()
  for (const { record } of records) {
    if (!record) continue
    const entry = byTask.get(record.task) ?? { task: record.task, records: 0, sizeBytes: 0 }
    byTask.set(record.task, { ...entry, records: entry.records + 1, sizeBytes: entry.sizeBytes + record.sizeBytes })
  }
  return ok({
    sizeBytes: [...blobs, ...manifests, ...records].reduce((sum, file) => sum + file.sizeBytes, 0),
    records: records.length,
    blobs: blobs.length,
    byTask: [...byTask.values()].sort((a, b) => b.sizeBytes - a.sizeBytes),
    hits: countHits(cacheDir),
  })
}

/** Reads everything; what is not what its name says is removed and named. */
export async function cacheVerify(cacheDir: string, signal?: AbortSignal): Promise<Result<VerifyReport>> {
  const problems: string[] = []
  let checkedBytes = 0
  let checked = 0
  const check = async (
    file: Pick<StoredFile, 'path' | 'sizeBytes'>,
    kind: string,
    good: () => boolean | Promise<boolean>,
  ) => {
    const state = await stateOf(good)
    if (state === 'gone') return
    checked++
    checkedBytes += file.sizeBytes
    if (state === 'good') return
    rmSync(file.path, { force: true })
    problems.push(`${kind} ${file.path}`)
  }
  for (const file of listBlobs(cacheDir)) {
    if (signal?.aborted) return fail({ kind: 'interrupted', message: 'Interrupted while verifying the cache' })
    await check(file, 'blob', async () => (await hashFile(file.path, file.sizeBytes)).digest === file.name)
  }
  for (const file of listManifests(cacheDir))
    await check(file, 'manifest', () => digestOf(readFileSync(file.path)) === file.name)
  for (const file of listRecords(cacheDir)) await check(file, 'record', () => file.record !== undefined)
  for (const file of listSealed(cacheDir)) await check(file, 'index', () => readSealed(file.path) !== undefined)
  return ok({ checkedBytes, checked, problems })
}

/** What a prune or a run removes meanwhile is not there to be checked. */
async function stateOf(good: () => boolean | Promise<boolean>): Promise<'good' | 'damaged' | 'gone'> {
  try {
    return (await good()) ? 'good' : 'damaged'
  } catch (error) {
    if (isMissing(error)) return 'gone'
    throw error
  }
}

/** What is remembered beside the results: of each project its tasks, files and workflows, and the store's size. */
function listSealed(cacheDir: string): Pick<StoredFile, 'path' | 'sizeBytes'>[] {
  const paths = globSync(['size', 'projects/*/{state,files}', 'projects/*/workflows/*'], { cwd: cacheDir })
  return paths.sort().flatMap(path => {
    const stat = statSync(join(cacheDir, path), { throwIfNoEntry: false })
    return stat?.isFile() ? [{ path: join(cacheDir, path), sizeBytes: stat.size }] : []
  })
}

/** Waits for the runs that use the store. */
export async function cachePrune(cacheDir: string, options: PruneOptions): Promise<Result<PruneReport>> {
  return exclusively(cacheDir, options, () => pruneStore(cacheDir, options))
}

/** Removes results, blobs and what is known about projects; not the runs' folders. Waits for running runs. */
export async function cacheClear(
  cacheDir: string,
  options: Omit<PruneOptions, 'maxSizeBytes' | 'maxAgeMs'> = {},
): Promise<Result<PruneReport>> {
  return exclusively(cacheDir, options, () => {
    const report = pruneStore(cacheDir, { maxSizeBytes: -1, dryRun: true })
    if (!options.dryRun) for (const part of [...storeParts].reverse()) clearPart(cacheDir, part)
    return report
  })
}

/** What has another name was put there by somebody else. */
function clearPart(cacheDir: string, part: string): void {
  for (const name of ownNames(cacheDir, part)) removeTree(join(cacheDir, part, name))
  if (entriesOf(join(cacheDir, part)).length === 0) removeTree(join(cacheDir, part))
}

async function exclusively<T>(cacheDir: string, options: PruneOptions, work: () => T): Promise<Result<T>> {
  let lock: Lock
  try {
    lock = await acquireLock(storeLockFile(cacheDir), {
      mode: 'exclusive',
      ...(options.signal ? { signal: options.signal } : {}),
      onWait: holders => options.onWait?.(`Waiting for the runs that use the cache: ${holders}`),
    })
  } catch (error) {
    if (options.signal?.aborted) return fail({ kind: 'interrupted', message: 'Interrupted while waiting for a run' })
    return fail({ kind: 'environment', message: `Cannot lock the cache ${cacheDir}: ${storageProblem(error)}` })
  }
  try {
    return ok(work())
  } finally {
    lock.release()
  }
}

function countHits(cacheDir: string): CacheStats['hits'] {
  const counts = { upToDate: 0, restored: 0, executed: 0 }
  const dir = runsDir(cacheDir)
  for (const run of runNames(dir)) {
    const ended = readEnds(join(dir, run)).finished?.counts ?? {}
    counts.upToDate += ended['up-to-date'] ?? 0
    counts.restored += ended.restored ?? 0
    counts.executed += ended.executed ?? 0
  }
  return counts
}
