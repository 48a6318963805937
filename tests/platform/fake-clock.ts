/** A clock on which time passes only while everything waits for it: then it is at once as late as the first waits for. */
import { type Clock, liveBy } from '../../src/platform/clock.ts'

interface Sleeper {
  readonly atMs: number
  readonly wake: () => void
}

const beginning = Date.parse('2026-01-01T00:00:00Z')

export class FakeClock implements Clock {
  #nowMs = 0
  /** Each sleep, in milliseconds. */
  readonly slept: number[] = []
  readonly #sleepers = new Set<Sleeper>()
  #isWatching = false

  now(): number {
    return beginning + this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  /** Time that work takes. */
  pass(ms: number): void {
    this.#nowMs += ms
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(ms)
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const end = (settle: () => void) => () => {
        this.#sleepers.delete(sleeper)
        signal?.removeEventListener('abort', abort)
        settle()
      }
      const abort = end(() => reject(signal?.reason))
      const sleeper = { atMs: this.#nowMs + ms, wake: end(resolve) }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', abort)
      this.#watch()
    })
  }

  /** All that can go on without time goes on before the next turn of the event loop. */
  #watch(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    setImmediate(() => {
      this.#isWatching = false
      const [first] = [...this.#sleepers].toSorted((a, b) => a.atMs - b.atMs)
      if (first === undefined) return
      this.#nowMs = Math.max(this.#nowMs, first.atMs)
      first.wake()
      this.#watch()
    })
  }
}

/** All of this process lives by it until the test ends. */
export function useFakeClock(context: { after(end: () => void): void }): FakeClock {
  const clock = new FakeClock()
  liveBy(clock)
  context.after(() => liveBy())
  return clock
}
