/** Ctrl-Z: see suspend.ts, which is loaded when it is pressed. */
import type { Reporter } from '../../report/reporter.ts'

/** Returns what ends this. */
export function watchSuspension(reporter: Reporter): () => void {
  let isSuspended = false
  const listener = () => {
    if (isSuspended) return
    isSuspended = true
    void import('./suspend.ts')
      .then(({ suspend }) => suspend(reporter))
      .finally(() => {
        isSuspended = false
      })
  }
  process.on('SIGTSTP', listener)
  return () => process.off('SIGTSTP', listener)
}
