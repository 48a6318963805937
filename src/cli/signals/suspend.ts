/** Stands still with all that tasks started, their time-outs too, until the shell's `fg` or `bg`. */
import { pauseGroups, resumeGroups } from '../../platform/processes/process-group.ts'
import type { Reporter } from '../../report/reporter.ts'

/** How long a process that the system does not stop, the first of a container, waits before it goes on. */
const notStoppedMs = 200

export async function suspend(reporter: Reporter): Promise<void> {
  reporter.pause?.()
  pauseGroups()
  // What was printed is on the screen then.
  await new Promise(resolve => setImmediate(resolve))
  const resumed = Promise.withResolvers<void>()
  process.once('SIGCONT', resumed.resolve)
  // SIGTSTP has a handler now; this one cannot have any.
  process.kill(process.pid, 'SIGSTOP')
  const timer = setTimeout(resumed.resolve, notStoppedMs)
  await resumed.promise
  clearTimeout(timer)
  process.off('SIGCONT', resumed.resolve)
  resumeGroups()
  reporter.resume?.()
}
