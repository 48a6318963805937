/** The only place that asks what time it is. */

/** What time it is, and waiting: the machine's, or a test's, which moves as the test says. */
export interface Clock {
  /** See `now`. */
  now(): number
  /** See `monotonicMs`. */
  monotonicMs(): number
  /** See `sleep`. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

const machine: Clock = {
  now: () => Date.now(),
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }, ms)
      const abort = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', abort, { once: true })
    }),
}

let clock = machine

/** From now on all of this process lives by that clock; without one, by the machine's. */
export function liveBy(other: Clock = machine): void {
  clock = other
}

/** Milliseconds since the epoch. */
export const now = (): number => clock.now()

/** Milliseconds on a clock that never jumps, the same for all processes of this machine; only differences mean anything. */
export const monotonicMs = (): number => clock.monotonicMs()

/** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> => clock.sleep(ms, signal)

export const timestamp = (): string => new Date(now()).toISOString()

/** `20260822-141503`, local time: the name of a run. */
export function runStamp(): string {
  const at = new Date(now())
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`
  return `${day}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`
}
