/** Long work that waits for nothing lets signals have their turn now and then: Ctrl-C works at once. */
import { monotonicMs } from '../../platform/clock.ts'
import type { Failure } from '../../platform/failure.ts'

const everyMs = 50

export class Breath {
  readonly #signal: AbortSignal | undefined
  #lastMs = monotonicMs()

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal
  }

  get isDue(): boolean {
    return monotonicMs() - this.#lastMs > everyMs
  }

  /** True: the work is not wanted any more. */
  async isLast(): Promise<boolean> {
    await new Promise(setImmediate)
    this.#lastMs = monotonicMs()
    return this.#signal?.aborted ?? false
  }

  /** The work's result, or undefined when it is not wanted any more: what goes on then is nobody's concern. */
  async orLast<T>(work: Promise<T>): Promise<T | undefined> {
    const signal = this.#signal
    if (!signal) return work
    const aborted = Promise.withResolvers<undefined>()
    const onAbort = () => aborted.resolve(undefined)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([work, aborted.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
      work.catch(() => undefined)
    }
  }
}

export const interrupted: Failure = { kind: 'interrupted', message: 'Interrupted while looking at inputs' }
