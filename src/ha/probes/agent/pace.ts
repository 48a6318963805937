/** When requests begin, and what is reported of each. */
import { monotonicMs, sleep } from '../../../platform/clock.ts'
import { messageOf } from '../../../platform/failure.ts'
import type { AgentEvent, RequestEvent } from './protocol.ts'

export type Tell = (event: AgentEvent) => void

/** What a request found, besides that it succeeded. */
export type Found = Pick<RequestEvent, 'register' | 'value' | 'revision'>

/** Begins one every so often, whether or not the former ones have ended; returns what stops it. */
export function every(periodMs: number, begin: () => void): () => void {
  begin()
  const timer = setInterval(begin, periodMs)
  return () => clearInterval(timer)
}

/** Begins one at a time, the next one a period after the beginning of the former, or at its end. */
export function inTurn(periodMs: number, run: () => Promise<void>): () => void {
  let stopped = false
  const loop = async () => {
    while (!stopped) {
      const start = monotonicMs()
      await run()
      await sleep(Math.max(0, periodMs - (monotonicMs() - start)))
    }
  }
  void loop()
  return () => {
    stopped = true
  }
}

export const together = (stops: readonly (() => void)[]) => (): void => {
  for (const stop of stops) stop()
}

/** `known`: what is reported of the request also when it fails. */
export async function timed(
  tell: Tell,
  known: Pick<RequestEvent, 'probe' | 'vm' | 'register' | 'value'>,
  run: () => Promise<Found>,
): Promise<void> {
  const at = monotonicMs()
  try {
    const found = await run()
    tell({ type: 'request', ...known, at, ms: monotonicMs() - at, ...found })
  } catch (error) {
    const why = messageOf(error)
    tell({ type: 'request', ...known, at, ms: monotonicMs() - at, error: why })
  }
}
