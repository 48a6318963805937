/** What a killed run may have left running, and its end. */
import { readFileSync } from 'node:fs'
import { poll } from '../poll.ts'
import { isAlive, type ProcessIdentity, processIds } from './process-identity.ts'

/**
 * Ends what a killed run left: waits for its guard to finish, then kills every process with such a TMPDIR, until there
 * is none. False when some stayed (a process in uninterruptible sleep).
 */
export async function sweepLeftovers(temporaryPrefix: string, guard: ProcessIdentity | undefined): Promise<boolean> {
  if (guard)
    await poll(
      () => isAlive(guard),
      alive => !alive,
      { everyMs: 50, withinMs: 5_000 },
    )
  const endAll = () => {
    const pids = processesWithTmpdir(temporaryPrefix)
    for (const pid of pids) kill(pid)
    return pids.length
  }
  return (await poll(endAll, left => left === 0, { everyMs: 20, withinMs: 5_000 })) === 0
}

export function processesWithTmpdir(prefix: string): readonly number[] {
  const wanted = `TMPDIR=${prefix}`
  return processIds().filter(pid => pid !== process.pid && environOf(pid).some(entry => entry.startsWith(wanted)))
}

function environOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0')
  } catch {
    return []
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {}
}
