/** Observes again and again until a claim holds, and says what was seen last when it does not. */
import { monotonicMs } from '../../platform/clock.ts'
import { failed } from '../../platform/failure.ts'
import { poll } from '../../platform/poll.ts'
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
  const interrupted = { kind: 'interrupted', message: `Interrupted while checking that ${claim}` } as const
  if (signal.aborted) return fail(interrupted)
  const start = monotonicMs()
  let tries = 0
  const look = () => {
    tries++
    return observe()
  }
  const pace = { everyMs: intervalMs, withinMs: timeoutMs, signal }
  const observation = await poll(look, ({ holds }) => holds, pace)
  if (signal.aborted) return fail(interrupted)
  if (observation.holds) return ok({ ...observation, tookMs: monotonicMs() - start, tries })
  return fail(
    failed(`Cannot confirm that ${claim}: it did not hold within ${Number((timeoutMs / 1000).toFixed(1))} s`, {
      last: `${observation.seen} (observed ${tries} ${tries === 1 ? 'time' : 'times'})`,
    }),
  )
}
