/** The terminal for an interactive task: nothing is drawn meanwhile, and Ctrl-C is the task's own. */
import type { Terminal } from '../../engine/runners/local-job.ts'
import type { Reporter } from '../../report/reporter.ts'
import type { Invocation } from '../command.ts'

/** Undefined where there is none. */
export function terminalFor({ console, options, interruption }: Invocation, reporter: Reporter): Terminal | undefined {
  if (!console.isTerminal || options.flag('json') || !process.stdin.isTTY || !process.stdout.isTTY) return undefined
  return {
    async lend(work) {
      const interrupted = interruption()
      reporter.pause?.()
      await new Promise(resolve => setImmediate(resolve))
      interrupted.ctrlCIsOthers = true
      try {
        return await work()
      } finally {
        interrupted.ctrlCIsOthers = false
        reporter.resume?.()
      }
    },
  }
}
