/** How long a run waits for its remote cache. Once it is over, the remote is not asked any more. */
import { monotonicMs } from '../../platform/clock.ts'

export interface PatienceOptions {
  /** Silence for so long ends it, and so does having waited for so long without getting anything for it. */
  readonly limitMs: number
  /** Told once, in words for the user. */
  readonly onEnd: (reason: string) => void
}

/** 1 MiB/s: what comes more slowly is mostly made sooner. */
const worthBytesPerMs = (1024 * 1024) / 1000
const tickMs = 50

export class PatienceOver extends Error {}

export class Patience {
  readonly #options: PatienceOptions
  readonly #open = new Set<(error: Error) => void>()
  #over: string | undefined
  /** What may still be waited for nothing. */
  #leftMs: number
  #silentMs = 0
  /** How many of those who wait keep the run from going on. */
  #delaying = 0
  #tickedMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: PatienceOptions) {
    this.#options = options
    this.#leftMs = options.limitMs
  }

  /** Why it is over; undefined while it lasts. */
  get over(): string | undefined {
    return this.#over
  }

  end(reason: string): void {
    if (this.#over !== undefined) return
    this.#over = reason
    clearInterval(this.#timer)
    for (const reject of [...this.#open]) reject(new PatienceOver(reason))
    this.#options.onEnd(reason)
  }

  /** Rejects with PatienceOver when that comes before the answer. */
  async ask<T>(request: () => Promise<T>): Promise<T> {
    if (this.#over !== undefined) throw new PatienceOver(this.#over)
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#open.add(reject)
    if (this.#open.size === 1) this.#watch()
    request().then(resolve, reject)
    try {
      const answer = await promise
      this.#silentMs = 0
      return answer
    } finally {
      this.#tick()
      this.#open.delete(reject)
      if (this.#open.size === 0) clearInterval(this.#timer)
    }
  }

  /** For as long as `work` takes, the run waits: that is what may not last. */
  async delaying<T>(work: () => Promise<T>): Promise<T> {
    this.#tick()
    this.#delaying += 1
    try {
      return await work()
    } finally {
      this.#tick()
      this.#delaying -= 1
    }
  }

  /** Bytes that came or went well. */
  earnBytes(bytes: number): void {
    this.earnMs(bytes / worthBytesPerMs)
  }

  /** Time that the remote has saved the run. */
  earnMs(ms: number): void {
    this.#leftMs = Math.min(this.#options.limitMs, this.#leftMs + ms)
  }

  #watch(): void {
    this.#silentMs = 0
    this.#tickedMs = monotonicMs()
    this.#timer = setInterval(() => this.#tick(), tickMs)
  }

  /** Time during which this process itself was too busy to listen is not the remote's fault: two ticks at most count. */
  #tick(): void {
    if (this.#open.size === 0 || this.#over !== undefined) return
    const at = monotonicMs()
    const passedMs = Math.min(2 * tickMs, at - this.#tickedMs)
    this.#tickedMs = at
    this.#silentMs += passedMs
    if (this.#delaying > 0) this.#leftMs -= passedMs
    const seconds = `${this.#options.limitMs / 1000} s`
    if (this.#silentMs >= this.#options.limitMs) this.end(`no answer for ${seconds}`)
    else if (this.#leftMs <= 0) this.end(`it is slow: the run waited ${seconds} longer than was worth it`)
  }
}
