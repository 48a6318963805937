/** One run at a time in a project; what removes from the store waits for the runs that use it. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf, storageProblem } from '../../platform/files.ts'
import { acquireLock, type Lock } from '../../platform/lock.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { stamped } from '../events.ts'
import type { RunOptions } from '../run-options.ts'
import { storeLockFile } from '../store/cache-layout.ts'

/** In the project itself, so that runs with different cache folders exclude each other too. */
const projectLockFile = (projectDir: string): string => join(projectDir, 'cache', 'lock')

export async function lockProject(options: RunOptions): Promise<Result<Lock>> {
  const waiting = (holders: string) => `Waiting for another run in ${options.projectDir}: ${holders}`
  const lock = await lockFile(projectLockFile(options.projectDir), 'exclusive', { options, waiting })
  if (lock.ok) ignoreCache(join(options.projectDir, 'cache'))
  return lock
}

/** Held by a run from its first use of the store to its end. */
export function shareStore(options: RunOptions): Promise<Result<Lock>> {
  return lockFile(storeLockFile(options.cacheDir), 'shared', {
    options,
    waiting: holders => `Waiting until the cache is free: ${holders}`,
  })
}

interface Waiting {
  readonly options: RunOptions
  readonly waiting: (holders: string) => string
}

async function lockFile(
  path: string,
  mode: 'shared' | 'exclusive',
  { options, waiting }: Waiting,
): Promise<Result<Lock>> {
  try {
    const lock = await acquireLock(path, {
      mode,
      ...(options.signal ? { signal: options.signal } : {}),
      onWait: holders => options.emit?.(stamped({ type: 'warning', text: waiting(holders) })),
    })
    return ok(lock)
  } catch (error) {
    if (options.signal?.aborted)
      return fail({ kind: 'interrupted', message: 'Interrupted while waiting for another run' })
    return fail({ kind: 'environment', message: `Cannot lock ${path}: ${storageProblem(error)}` })
  }
}

/** A cache folder that nobody committed stays out of git. */
function ignoreCache(dir: string): void {
  const file = join(dir, '.gitignore')
  if (existsSync(file)) return
  try {
    writeFileSync(file, '*\n', { flag: 'wx' })
  } catch (error) {
    if (codeOf(error) === undefined) throw error
  }
}
