/** The only place that asks what time it is. */

/** Milliseconds since the epoch. */
export const now = (): number => Date.now()

/** Milliseconds on a clock that never jumps, the same for all processes of this machine; only differences mean anything. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6

export const timestamp = (): string => new Date(now()).toISOString()

/** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
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
  })
}

/** The time that something waits by: the machine's, or in a test one that moves when the test says so. */
export interface Clock {
  /** See `monotonicMs`. */
  monotonicMs(): number
  /** See `sleep`. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const machineClock: Clock = { monotonicMs, sleep }

/** `20260822-141503`, local time: the name of a run. */
export function runStamp(): string {
  const at = new Date(now())
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`
  return `${day}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`
}
