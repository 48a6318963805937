/** One run at a time in a project; what removes from the store waits for the runs that use it. */
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../../platform/files.ts'
import { acquireLock, type Lock, tryLock } from '../../platform/lock.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { storageAdvice, storageProblem } from '../../platform/system-error.ts'
import type { Project } from '../project.ts'
import { storeLockFile } from '../store/cache-layout.ts'

/** In the project itself, so that runs with different cache folders exclude each other too. */
const projectLockFile = (projectDir: string): string => join(projectDir, 'cache', 'lock')

interface Waiting {
  readonly signal: AbortSignal
  /** Called when others hold the lock, with their names. */
  readonly warn: (text: string) => void
}

export async function lockProject(project: Project, { signal, warn }: Waiting): Promise<Result<Lock>> {
  const { projectDir } = project
  const onWait = (holders: string) => warn(`Waiting for another run in ${projectDir}: ${holders}`)
  const path = projectLockFile(projectDir)
  const free = lockNow(path)
  const inside = free ? undefined : (await import('./nested-run.ts')).insideOwnTask(project, path)
  if (inside) return fail(inside)
  const lock = free ? ok(free) : await lockFile(path, { mode: 'exclusive', signal, onWait })
  if (lock.ok) ignoreCache(join(projectDir, 'cache'))
  return lock
}

/** Undefined: it is not free, or there is more to say of it. */
function lockNow(path: string): Lock | undefined {
  try {
    return tryLock(path, 'exclusive')
  } catch {
    return undefined
  }
}

/** Held by a run from its first use of the store to its end. */
export function shareStore(cacheDir: string, { signal, warn }: Waiting): Promise<Result<Lock>> {
  const onWait = (holders: string) => warn(`Waiting until the cache is free: ${holders}`)
  return lockFile(storeLockFile(cacheDir), { mode: 'shared', signal, onWait })
}

interface Locking {
  readonly mode: 'shared' | 'exclusive'
  readonly signal: AbortSignal
  readonly onWait: (holders: string) => void
}

async function lockFile(path: string, locking: Locking): Promise<Result<Lock>> {
  try {
    return ok(await acquireLock(path, locking))
  } catch (error) {
    if (locking.signal.aborted)
      return fail({ kind: 'interrupted', message: 'Interrupted while waiting for another run' })
    // SQLite says only that it is "unable to open database file": the system says why.
    const cause = openingProblem(path) ?? error
    const advice = storageAdvice(cause)
    const message = `Cannot lock ${path}: ${storageProblem(cause)}`
    return fail({ kind: 'environment', message, ...(advice === undefined ? {} : { try: advice }) })
  }
}

function openingProblem(path: string): unknown {
  try {
    closeSync(openSync(path, 'a'))
    return undefined
  } catch (error) {
    return error
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
