/** Ctrl-C, SIGTERM and SIGHUP: the first asks politely, the second ends clean-up as well, the third gives up. */
export interface Interruption {
  /** Aborted by the first: running work ends, what cleans up still runs. */
  readonly signal: AbortSignal
  /** Aborted by the second. */
  readonly hardSignal: AbortSignal
  /** Told each time, in words for the user. */
  onInterrupt: (text: string) => void
  /** Another program has the terminal at the moment, and Ctrl-C is its own. */
  ctrlCIsOthers: boolean
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const names = { SIGINT: 'Ctrl-C', SIGTERM: 'SIGTERM', SIGHUP: 'SIGHUP' } as const

/** From now on these signals do not end the process by themselves. */
export function watchInterruptions(giveUp: () => void): Interruption {
  const soft = new AbortController()
  const hard = new AbortController()
  const interruption: Interruption = {
    signal: soft.signal,
    hardSignal: hard.signal,
    onInterrupt: () => {},
    ctrlCIsOthers: false,
  }
  for (const name of signals)
    process.on(name, () => {
      if (interruption.ctrlCIsOthers && name === 'SIGINT') return
      if (hard.signal.aborted) return giveUp()
      if (soft.signal.aborted) {
        interruption.onInterrupt(`${names[name]} again: ending the clean-up tasks too`)
        return hard.abort()
      }
      interruption.onInterrupt(
        `${names[name]}: stopping tasks, then cleaning up. Press Ctrl-C again to skip the clean-up.`,
      )
      soft.abort()
    })
  return interruption
}
