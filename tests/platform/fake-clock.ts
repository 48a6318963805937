/** A clock on which no time passes but what is slept. */
import type { Clock } from '../../src/platform/clock.ts'

export class FakeClock implements Clock {
  #nowMs = 0
  /** Each sleep, in milliseconds. */
  readonly slept: number[] = []

  monotonicMs(): number {
    return this.#nowMs
  }

  /** Time that work takes. */
  pass(ms: number): void {
    this.#nowMs += ms
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.slept.push(ms)
    this.pass(ms)
  }
}
