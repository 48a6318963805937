/**
 * When the probes themselves stood still. They begin requests at a fixed pace, answered or not, before all other
 * processes of the machine; so a request that begins late is the machine's doing, never the cluster's.
 */
import type { Span } from '../../record/record.ts'
import { type RequestEvent, steadyPeriodMs, steadyProbes } from '../agent/protocol.ts'

/** A timer of a busy process fires some milliseconds late: only from here on the machine stood still. */
const lateFromMs = 2 * steadyPeriodMs

/** Each from when a request was due to when the next one began; null when no probe has a fixed pace. */
export function latenessOf(requests: readonly RequestEvent[], originMs: number): readonly Span[] | null {
  const probe = steadyProbes.find(name => requests.some(one => one.probe === name))
  if (probe === undefined) return null
  const begins = requests.filter(one => one.probe === probe).map(({ at }) => at - originMs)
  begins.sort((a, b) => a - b)
  return begins.flatMap((atMs, index) => {
    const before = begins[index - 1]
    return before === undefined || atMs - before <= lateFromMs ? [] : [{ fromMs: before + steadyPeriodMs, toMs: atMs }]
  })
}
