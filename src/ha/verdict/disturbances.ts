/** How long clients were disturbed, answered or not in between: half of all requests failing is an outage, too. */
import type { FaultSpan, ProbeRecord, Span, VipSpan } from '../record/record.ts'

/** After a failed request that long without another one, the disturbance is over: 20 answers in a row. */
export const calmMs = 1_000

type Closed = Span & { readonly toMs: number }

interface Course {
  readonly faults: readonly FaultSpan[]
  readonly vip: readonly VipSpan[]
  /** Of probing. */
  readonly endMs: number
}

/**
 * Each from the first failed request to the answer after the last one before the next calm second, or before the next
 * fault or the return of the VIP to a VM that a fault hit, which have their own.
 */
export function disturbancesOf(
  { outages }: Pick<ProbeRecord, 'outages'>,
  { faults, vip, endMs }: Course,
): readonly Closed[] {
  const found: { fromMs: number; toMs: number }[] = []
  const returns = faults.flatMap(fault => returnsOf(vip, fault))
  for (const { fromMs, toMs } of outages) {
    const last = found.at(-1)
    const isCalm = last === undefined || fromMs - last.toMs >= calmMs
    const isAnother = faults.some(fault => last !== undefined && fault.fromMs > last.fromMs && fault.fromMs <= fromMs)
    const isReturn = returns.some(atMs => last !== undefined && atMs > last.toMs && atMs <= (toMs ?? endMs))
    if (isCalm || isAnother || isReturn) found.push({ fromMs, toMs: toMs ?? endMs })
    else last.toMs = toMs ?? endMs
  }
  return found
}

/**
 * When each VIP came to the VM that the fault had hit: keepalived takes it back from the load balancer that replaced it,
 * and each connection there breaks. Only the first time: a VIP that goes to and fro is one long disturbance.
 */
function returnsOf(vip: readonly VipSpan[], fault: FaultSpan): readonly number[] {
  const begins = new Map<string, number>()
  for (const span of vip.toSorted((a, b) => a.fromMs - b.fromMs))
    if (span.vm === fault.vm && span.fromMs > fault.fromMs && !begins.has(span.vip)) begins.set(span.vip, span.fromMs)
  return [...begins.values()]
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
