/** Locks between processes, held by the kernel: gone with their holder however it ends, their file never unlinked. */

import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeFolder } from './files.ts'
import { poll } from './poll.ts'
import { shownCommand } from './shown-command.ts'

export interface Lock {
  release(): void
}

export interface LockOptions {
  readonly mode: 'shared' | 'exclusive'
  readonly signal?: AbortSignal
  /** Called once, when the lock is not free. `holders` says who has it, as far as the kernel shows it. */
  readonly onWait?: (holders: string) => void
}

const pollMs = 50
const sqliteBusy = 5

/** Waits until the lock is free. Rejects with the signal's reason when it aborts first. */
export async function acquireLock(path: string, options: LockOptions): Promise<Lock> {
  const free = tryLock(path, options.mode)
  if (free) return free
  options.onWait?.(describeHolders(path))
  const { mode, signal } = options
  const lock = await poll(
    () => tryLock(path, mode),
    one => one !== undefined,
    { everyMs: pollMs, signal },
  )
  if (lock === undefined) throw signal?.reason
  return lock
}

/**
 * Undefined when it is not free. SQLite's locks are POSIX record locks on the file, which Node.js cannot take itself
 * (https://www.sqlite.org/lockingv3.html); nothing is ever written, so the file stays empty.
 */
export function tryLock(path: string, mode: 'shared' | 'exclusive'): Lock | undefined {
  makeFolder(dirname(path))
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec(mode === 'exclusive' ? 'BEGIN EXCLUSIVE' : 'BEGIN')
    if (mode === 'shared') database.prepare('SELECT count(*) FROM sqlite_schema').get()
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) return undefined
    throw error
  }
  return { release: () => database.close() }
}

/** "process 123 (k8s-ha flow test-ipv6)", from /proc/locks. */
function describeHolders(path: string): string {
  try {
    const holders = lockHolders(path).map(pid => `process ${pid}${commandOf(pid)}`)
    return holders.length > 0 ? holders.join(', ') : 'another process'
  } catch {
    return 'another process'
  }
}

/** The processes that hold a lock on the file, as far as the kernel shows them. */
export function lockHolders(path: string): readonly number[] {
  try {
    const inode = statSync(path).ino
    const locks = readFileSync('/proc/locks', 'latin1').split('\n')
    const fields = locks.map(line => line.trim().split(/\s+/))
    const own = fields.filter(([, kind, , , , place]) => kind === 'POSIX' && place?.endsWith(`:${inode}`))
    return [...new Set(own.map(([, , , , pid]) => Number(pid)))]
  } catch {
    return []
  }
}

function commandOf(pid: number): string {
  try {
    const shown = shownCommand(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'))
    return shown === undefined ? '' : ` (${shown})`
  } catch {
    return ''
  }
}
