/** How long clients were disturbed, answered or not in between: half of all requests failing is an outage, too. */
import type { FaultSpan, ProbeRecord, Span } from '../record/record.ts'

/** After a failed request that long without another one, the disturbance is over: 20 answers in a row. */
const calmMs = 1_000

type Closed = Span & { readonly toMs: number }

interface Course {
  readonly faults: readonly FaultSpan[]
  /** Of probing. */
  readonly endMs: number
}

/**
 * Each from the first failed request to the answer after the last one before the next calm second, or before the next
 * fault, which has its own.
 */
export function disturbancesOf(
  { outages }: Pick<ProbeRecord, 'outages'>,
  { faults, endMs }: Course,
): readonly Closed[] {
  const found: { fromMs: number; toMs: number }[] = []
  for (const { fromMs, toMs } of outages) {
    const last = found.at(-1)
    const isCalm = last === undefined || fromMs - last.toMs >= calmMs
    const isAnother = faults.some(fault => last !== undefined && fault.fromMs > last.fromMs && fault.fromMs <= fromMs)
    if (isCalm || isAnother) found.push({ fromMs, toMs: toMs ?? endMs })
    else last.toMs = toMs ?? endMs
  }
  return found
}

/** Faults that may disturb clients by themselves: not what is done to a VM on which another one lasts. */
export function disturbingFaults(faults: readonly FaultSpan[]): number {
  const lasts = (fault: FaultSpan, at: number) => fault.fromMs < at && (fault.toMs ?? Number.POSITIVE_INFINITY) > at
  return faults.filter(one => !faults.some(other => other.vm === one.vm && lasts(other, one.fromMs))).length
}

/** When the last request of any probe began, to the accuracy of bins. */
export const probedUntil = (probes: readonly ProbeRecord[]): number =>
  Math.max(0, ...probes.map(({ bins, binMs }) => bins.length * binMs))

/** The share of failed requests is that from the first fault on, or of all where nothing was broken. */
export const judgedFrom = (faults: readonly FaultSpan[]): number =>
  faults.length === 0 ? 0 : Math.min(...faults.map(({ fromMs }) => fromMs))
