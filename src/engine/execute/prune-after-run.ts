/** Keeps the store below its size: after a run that added to it, when it may have grown too large. */
import { join } from 'node:path'
import { readSealed, removeTree, writeSealed } from '../../platform/files.ts'
import { tryLock } from '../../platform/lock.ts'
import { storageProblem } from '../../platform/system-error.ts'
import { runNames } from '../event-log.ts'
import type { CacheSettings } from '../project.ts'
import { runsDir, storeLockFile } from '../store/cache-layout.ts'
import { pruneStore } from '../store/prune-store.ts'
import { listBlobs } from '../store/store-walk.ts'
import type { RunLog } from './run-log.ts'

const keptRuns = 200
export const defaultMaxCacheBytes = 20 * 1024 ** 3

/** Going over a large store takes time, so what runs add is summed up until the sum may be too much. */
export async function pruneAfterRun(cache: CacheSettings, storedBytes: number, log: RunLog): Promise<void> {
  const { cacheDir, maxCacheBytes: limit = defaultMaxCacheBytes } = cache
  const sizeFile = join(cacheDir, 'size')
  try {
    removeOldRuns(cacheDir)
    if (limit === 0 || storedBytes === 0) return
    const known = readSealed(sizeFile)
    const estimate = known === undefined ? sizeOf(cacheDir) : Number(known) + storedBytes
    if (estimate <= limit) {
      writeSealed(sizeFile, String(estimate))
      return
    }
    // Another run uses the store: it, or the next one, will see to this.
    const lock = tryLock(storeLockFile(cacheDir), 'exclusive')
    if (!lock) return
    try {
      const report = pruneStore(cacheDir, { maxSizeBytes: limit })
      writeSealed(sizeFile, String(report.keptBytes))
      if (report.removedRecords > 0)
        log.warn(
          `The cache was above its ${megabytes(limit)}: ${report.removedRecords} results (${megabytes(report.removedBytes)}) were pruned`,
        )
    } finally {
      lock.release()
    }
  } catch (error) {
    log.warn(`The cache could not be pruned: ${storageProblem(error)}`)
  }
}

function removeOldRuns(cacheDir: string): void {
  const dir = runsDir(cacheDir)
  const old = runNames(dir).slice(0, -keptRuns)
  for (const run of old) removeTree(join(dir, run))
}

const sizeOf = (cacheDir: string): number => listBlobs(cacheDir).reduce((sum, file) => sum + file.sizeBytes, 0)
const megabytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(bytes < 10 * 1024 ** 2 ? 1 : 0)} MiB`
