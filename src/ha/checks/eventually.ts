/** Observes again and again until a claim holds, and says what was seen last when it does not. */
import { monotonicMs, sleep } from '../../platform/clock.ts'
import { failed } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import type { Observation } from './check.ts'

export interface Eventually {
  /** What is claimed, as the message shall word it. */
  readonly claim: string
  readonly timeoutMs: number
  readonly intervalMs?: number
  readonly signal: AbortSignal
}

export interface Held extends Observation {
  readonly tookMs: number
  /** How many observations it took, this one included. */
  readonly tries: number
}

const defaultIntervalMs = 200

export async function eventually(observe: () => Promise<Observation>, options: Eventually): Promise<Result<Held>> {
  const { claim, timeoutMs, intervalMs = defaultIntervalMs, signal } = options
  const start = monotonicMs()
  for (let tries = 1; ; tries++) {
    if (signal.aborted) return fail({ kind: 'interrupted', message: `Interrupted while checking that ${claim}` })
    const observation = await observe()
    const tookMs = monotonicMs() - start
    if (signal.aborted) return fail({ kind: 'interrupted', message: `Interrupted while checking that ${claim}` })
    if (observation.holds) return ok({ ...observation, tookMs, tries })
    if (tookMs + intervalMs > timeoutMs)
      return fail(
        failed(`Cannot confirm that ${claim}: it did not hold within ${Number((timeoutMs / 1000).toFixed(1))} s`, {
          last: `${observation.seen} (observed ${tries} ${tries === 1 ? 'time' : 'times'})`,
        }),
      )
    await sleep(intervalMs, signal).catch(() => undefined)
  }
}
