/** From the requests of one probe to its record: outages, latencies, and what happened in each slice of time. */
import type { ProbeRecord, Span } from '../../record/record.ts'
import type { RequestEvent } from '../agent/protocol.ts'

const binMs = 100

export interface ProbeRun {
  readonly name: string
  readonly how: string
  readonly vm: string | null
  readonly requests: readonly RequestEvent[]
  /** The scenario's beginning, on the clock of the requests. */
  readonly originMs: number
}

export function probeRecord({ name, how, vm, requests, originMs }: ProbeRun): ProbeRecord {
  const ordered = requests.toSorted((a, b) => a.at - b.at)
  const outages = outagesOf(ordered, originMs)
  const end = Math.max(originMs, ...ordered.map(({ at, ms }) => at + ms))
  const latencies = ordered.filter(succeeded).map(({ ms }) => ms)
  return {
    ...{ name, how, vm, outages, binMs },
    attempts: ordered.length,
    failures: ordered.filter(one => !succeeded(one)).length,
    longestOutageMs: Math.max(0, ...outages.map(({ fromMs, toMs }) => (toMs ?? end - originMs) - fromMs)),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    errors: countErrors(ordered),
    bins: binsOf(ordered, originMs),
  }
}

const succeeded = ({ error }: RequestEvent): boolean => error === undefined

/**
 * Each from the beginning of the first request that failed to the end of the first success among those that began
 * after it; a success that was under way already when it began says nothing of the time after. Ordered by beginning.
 */
export function outagesOf(ordered: readonly RequestEvent[], originMs: number): readonly Span[] {
  const outages: Span[] = []
  let from: number | undefined
  for (const request of ordered) {
    if (!succeeded(request)) from ??= request.at
    else if (from !== undefined) {
      outages.push({ fromMs: from - originMs, toMs: request.at + request.ms - originMs })
      from = undefined
    }
  }
  return from === undefined ? outages : [...outages, { fromMs: from - originMs, toMs: null }]
}

/** Nearest rank; null without values. */
export function percentile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
}

function countErrors(requests: readonly RequestEvent[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>()
  for (const { error } of requests) if (error !== undefined) counts.set(error, (counts.get(error) ?? 0) + 1)
  return Object.fromEntries([...counts].toSorted((a, b) => b[1] - a[1]))
}

function binsOf(ordered: readonly RequestEvent[], originMs: number): readonly (readonly [number, number])[] {
  const bins: [number, number][] = []
  for (const request of ordered) {
    const index = Math.max(0, Math.floor((request.at - originMs) / binMs))
    while (bins.length <= index) bins.push([0, 0])
    const bin = bins[index]
    if (bin) bin[succeeded(request) ? 0 : 1] += 1
  }
  return bins
}
