/** The figures of a scenario that budgets limit, each taken from what the probes found. */
import type { FaultSpan, Measure, ProbeRecord, Span } from '../record/record.ts'
import { disturbancesOf, judgedFrom, probedUntil } from './disturbances.ts'
import type { Findings } from './findings.ts'

interface MeasureType {
  readonly unit: Measure['unit']
  /** For docs: what it is. */
  readonly what: string
  /** Undefined when nothing measured it. */
  of(findings: Findings): number | undefined
  /** When that was, for a limit on time: each that may be too long by itself. */
  spans?(findings: Findings): readonly Closed[] | undefined
}

type Closed = Span & { readonly toMs: number }

export const measureTypes = {
  reads: {
    unit: 'ms',
    what: 'longest time without an answered read',
    of: ofReads(longestOutage),
    spans: ofReads(outages),
  },
  writes: {
    unit: 'ms',
    what: 'longest time without an acknowledged write',
    of: ofWrites(longestOutage),
    spans: ofWrites(outages),
  },
  'keep-alive': {
    unit: 'ms',
    what: 'longest time without an answer on a connection that is kept',
    of: findings => longestOutage(findings, 'api-keepalive'),
    spans: findings => outages(findings, 'api-keepalive'),
  },
  app: {
    unit: 'ms',
    what: 'longest time without an answer of the test application',
    of: findings => longestOutage(findings, 'app'),
    spans: findings => outages(findings, 'app'),
  },
  'etcd-reads': {
    unit: 'ms',
    what: 'longest time in which a member that no fault hit did not answer a linearizable read',
    of: findings => longestOutage(findings, 'etcd-linearizable'),
    spans: findings => outages(findings, 'etcd-linearizable'),
  },
  'reads-disturbed': {
    unit: 'ms',
    what: 'longest time in which reads failed again and again, without a calm second in between',
    of: ofReads(disturbed),
    spans: ofReads(disturbances),
  },
  'writes-disturbed': {
    unit: 'ms',
    what: 'longest time in which writes failed again and again, without a calm second in between',
    of: ofWrites(disturbed),
    spans: ofWrites(disturbances),
  },
  'failed-reads': { unit: 'count', what: 'reads that were not answered, in the whole scenario', of: ofReads(failures) },
  'failed-writes': {
    unit: 'count',
    what: 'writes that were not acknowledged, in the whole scenario',
    of: ofWrites(failures),
  },
  'reads-failed': {
    unit: 'percent',
    what: 'share of the reads that were not answered from the first fault on, or ever where nothing was broken',
    of: ofReads(failedShare),
    spans: judgedSpan,
  },
  'writes-failed': {
    unit: 'percent',
    what: 'share of the writes that were not acknowledged from the first fault on, or ever where nothing was broken',
    of: ofWrites(failedShare),
    spans: judgedSpan,
  },
  'no-vip': {
    unit: 'ms',
    what: 'longest time without an owner of the VIP',
    of: findings => longestOf(withoutVip(findings)),
    spans: withoutVip,
  },
  'vip-owners': { unit: 'count', what: 'most owners of one VIP at a time, for more than 100 ms', of: mostOwners },
  elections: { unit: 'count', what: 'elections of an etcd leader', of: ({ raft }) => raft?.elections },
  'watch-cuts': {
    unit: 'count',
    what: 'times that the watch’s connection ended before its end',
    of: ({ watch }) => watch?.cuts.length,
  },
  'lease-moves': {
    unit: 'count',
    what: 'changes of the holder of a lease',
    of: ({ leases }) =>
      leases.length === 0
        ? undefined
        : leases.reduce((sum, { holders }) => sum + Math.max(0, new Set(holders.map(one => one.holder)).size - 1), 0),
  },
  recovery: {
    unit: 'ms',
    what: 'from the heal until all was well',
    of: ({ recoveryMs }) => recoveryMs ?? undefined,
    spans: ({ healedAtMs, recoveryMs }) =>
      recoveryMs === null ? undefined : [{ fromMs: healedAtMs, toMs: healedAtMs + recoveryMs }],
  },
} satisfies Readonly<Record<string, MeasureType>>

export type MeasureName = keyof typeof measureTypes
export const measureNames = Object.keys(measureTypes) as readonly MeasureName[]

/** When what a measure measures happened; empty for one that is not about time. */
export function spansOf(name: string, findings: Findings): readonly Closed[] {
  const type: MeasureType | undefined = Object.entries(measureTypes).find(([one]) => one === name)?.[1]
  return type?.spans?.(findings) ?? []
}

/** Undefined when no such probe measured it. */
type Figure<T> = (findings: Findings, probe: string) => T | undefined

/** Through the API; where there is no Kubernetes, of etcd itself. */
function ofReads<T>(figure: Figure<T>) {
  return (findings: Findings) => figure(findings, 'api-read') ?? figure(findings, 'etcd-linearizable')
}

function ofWrites<T>(figure: Figure<T>) {
  return (findings: Findings) => figure(findings, 'api-write') ?? figure(findings, 'etcd-write')
}

function longestOutage(findings: Findings, name: string): number | undefined {
  const probes = soundProbes(findings, name)
  return probes.length === 0 ? undefined : Math.max(...probes.map(({ longestOutageMs }) => longestOutageMs))
}

function outages(findings: Findings, name: string): readonly Closed[] | undefined {
  const probes = soundProbes(findings, name)
  const endMs = probedUntil(findings.probes)
  const closed = probes.flatMap(probe => probe.outages.map(span => ({ ...span, toMs: span.toMs ?? endMs })))
  return probes.length === 0 ? undefined : closed
}

function disturbed(findings: Findings, name: string): number | undefined {
  return longestOf(disturbances(findings, name))
}

function disturbances(findings: Findings, name: string): readonly Closed[] | undefined {
  const probes = soundProbes(findings, name)
  const course = { faults: findings.faults, vip: findings.vip, endMs: probedUntil(findings.probes) }
  return probes.length === 0 ? undefined : probes.flatMap(probe => disturbancesOf(probe, course))
}

const longestOf = (spans: readonly Closed[] | undefined): number | undefined =>
  spans && Math.max(0, ...spans.map(({ fromMs, toMs }) => toMs - fromMs))

function judgedSpan({ faults, probes }: Findings): readonly Closed[] {
  return [{ fromMs: judgedFrom(faults), toMs: probedUntil(probes) }]
}

function failures(findings: Findings, name: string): number | undefined {
  const probes = soundProbes(findings, name)
  return probes.length === 0 ? undefined : probes.reduce((sum, probe) => sum + probe.failures, 0)
}

/** In percent, with one decimal; of what began since the first fault, so that momentary ones have their time, too. */
function failedShare(findings: Findings, name: string): number | undefined {
  const fromMs = judgedFrom(findings.faults)
  let [succeeded, failed] = [0, 0]
  for (const { bins, binMs } of soundProbes(findings, name))
    for (const [good, bad] of bins.slice(Math.floor(fromMs / binMs)))
      [succeeded, failed] = [succeeded + good, failed + bad]
  return succeeded + failed === 0 ? undefined : Math.round((1000 * failed) / (succeeded + failed)) / 10
}

/** Those that ask one VM say nothing of the others while that one is broken. */
const soundProbes = ({ probes, faults }: Findings, name: string): readonly ProbeRecord[] =>
  probes.filter(probe => probe.name === name && !isFaulted(probe.vm, faults))

const isFaulted = (vm: string | null, faults: readonly FaultSpan[]): boolean => faults.some(fault => fault.vm === vm)

function withoutVip({ vip, tookMs }: Findings): readonly Closed[] | undefined {
  if (vip.length === 0) return undefined
  return [...new Set(vip.map(span => span.vip))].flatMap(address => gapsOf(ownersOf(vip, address), tookMs))
}

const ownersOf = (vip: Findings['vip'], address: string): readonly Span[] =>
  vip.filter(span => span.vip === address).toSorted((a, b) => a.fromMs - b.fromMs)

function gapsOf(spans: readonly Span[], endMs: number): readonly Closed[] {
  const gaps: Closed[] = []
  let coveredTo = spans[0]?.fromMs ?? 0
  for (const { fromMs, toMs } of [...spans, { fromMs: endMs, toMs: endMs }]) {
    if (fromMs > coveredTo) gaps.push({ fromMs: coveredTo, toMs: fromMs })
    coveredTo = Math.max(coveredTo, toMs ?? endMs)
  }
  return gaps
}

/**
 * When the VIP moves on purpose the new owner takes it first, and the old one gives it up when it hears of that
 * (RFC 5798, 6.4.3): an advert's way and what follows from it, 39 ms on a busy machine. Who disagree do so for longer.
 */
const handoverMs = 100

function mostOwners({ vip, tookMs }: Findings): number | undefined {
  if (vip.length === 0) return undefined
  const together = (a: Span, b: Span) => Math.min(a.toMs ?? tookMs, b.toMs ?? tookMs) - Math.max(a.fromMs, b.fromMs)
  const besides = (span: Span & { vip: string }) =>
    vip.filter(
      other =>
        other !== span && other.vip === span.vip && other.fromMs <= span.fromMs && together(span, other) > handoverMs,
    )
  return Math.max(...vip.map(span => 1 + besides(span).length))
}
