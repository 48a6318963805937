/** Looks again and again until what it sees is enough. */
import { monotonicMs, sleep } from './clock.ts'

export interface Pace {
  /** From the end of one look to the next. */
  readonly everyMs: number
  /** No look begins later than that; absent: no limit. */
  readonly withinMs?: number | undefined
  /** Ends the waiting: no further look. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The first look that is enough. When there is none in time, or the signal aborts, the last look: it says why not.
 * Looks once in any case.
 */
export async function poll<T>(
  look: () => T | Promise<T>,
  isEnough: (seen: T) => boolean,
  { everyMs, withinMs = Number.POSITIVE_INFINITY, signal }: Pace,
): Promise<T> {
  const startMs = monotonicMs()
  for (;;) {
    const seen = await look()
    const nextMs = monotonicMs() - startMs + everyMs
    if (isEnough(seen) || signal?.aborted || nextMs > withinMs) return seen
    await sleep(everyMs, signal).catch(() => undefined)
    if (signal?.aborted) return seen
  }
}
