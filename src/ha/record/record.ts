/**
 * What a scenario found out, as one record: the only thing that tables, JUnit, the HTML page and comparisons are made
 * of. All times are milliseconds since the scenario's beginning; an open end is `null`.
 */
import type { Family, Role } from '../../cluster/spec.ts'
import type { Timers } from '../../cluster/timers.ts'

/** Raised when a field changes its meaning. */
export const recordFormat = 1

/**
 * `caught`: it failed for the reason for which it was to fail, on a cluster with a planted defect. `not judged`: it
 * would have failed, and the machine, or an earlier scenario, may be the cause.
 */
export type Verdict = 'passed' | 'failed' | 'caught' | 'skipped' | 'interrupted' | 'not judged'

export interface Span {
  readonly fromMs: number
  readonly toMs: number | null
}

export interface ScenarioRecord {
  readonly format: typeof recordFormat
  /** "lb-owner-stop" */
  readonly scenario: string
  readonly description: string
  /** The task that ran it, "lb-owner-stop[IPv6]". */
  readonly task: string
  readonly verdict: Verdict
  /** Why it failed, was skipped or not judged, the most important reason first; empty when it passed. */
  readonly reasons: readonly string[]
  /** ISO 8601, with milliseconds. */
  readonly startedAt: string
  readonly tookMs: number
  /** Of every random choice of faults and probes. */
  readonly seed: number
  readonly cluster: ClusterFacts
  readonly timers: Timers
  readonly steps: readonly StepRecord[]
  readonly faults: readonly FaultSpan[]
  readonly probes: readonly ProbeRecord[]
  readonly measures: readonly Measure[]
  readonly vip: readonly VipSpan[]
  readonly raft: RaftRecord | null
  readonly leases: readonly LeaseRecord[]
  readonly nodes: readonly NodeRecord[]
  readonly watch: WatchRecord | null
  readonly invariants: readonly InvariantRecord[]
  /**
   * Acknowledged writes that etcd's history does not hold; null when nothing was written, or when a member does not
   * report its history and none is known to be lost.
   */
  readonly lostWrites: number | null
  /** From the heal to the first moment at which all was well again; null when it never was, or nothing was broken. */
  readonly recoveryMs: number | null
  readonly probeCost: ProbeCost | null
  /** Share of the time in which something on the machine waited for a CPU; null where the kernel does not report it. */
  readonly cpuWait: number | null
  /** How long probes stood still although requests were due, in all; null when none has a fixed pace. */
  readonly lateMs: number | null
  /** How many times slower than a usual machine this one is, as it measured itself; null when it did not. */
  readonly slowness: number | null
  /** Of what failed: the ends of the logs that show why. */
  readonly logs: readonly LogTail[]
}

export interface ClusterFacts {
  readonly name: string
  readonly driver: string
  readonly family: Family
  readonly topology: 'external' | 'stacked'
  readonly vms: readonly { readonly id: number; readonly name: string; readonly roles: readonly Role[] }[]
  readonly vips: readonly string[]
  /** { etcd: "3.4.23", kubernetes: "v1.20.2", … }: as the programs themselves say. */
  readonly versions: Readonly<Record<string, string>>
  /** The planted defect, when it was started with one. */
  readonly defect: string | null
  /** The version of Kubernetes that was wanted, when no place had it. */
  readonly insteadOf: string | null
}

export interface StepRecord extends Span {
  /** "stop vm-193", "etcd-healthy" */
  readonly step: string
  readonly seen: string
  /** The one figure that a summary shows. */
  readonly figure: string | null
  readonly holds: boolean
}

/** From a fault's injection to what undid it, for timelines. */
export interface FaultSpan extends Span {
  /** The verb of the step: "stop", "isolate", "kill". */
  readonly fault: string
  readonly vm: string
  /** "haproxy, SIGKILL" */
  readonly detail: string | null
}

export interface ProbeRecord {
  /** "api-read" */
  readonly name: string
  /**
   * "GET through the VIP, a new connection each, 250 ms time-out, 20/s": its connection behaviour, as users read it.
   */
  readonly how: string
  /** The VM it asks, when it asks one VM only. */
  readonly vm: string | null
  readonly attempts: number
  readonly failures: number
  /** Each from the start of the first request that failed to the end of the first one after it that succeeded. */
  readonly outages: readonly Span[]
  readonly longestOutageMs: number
  /** Of the answered ones; null when none was. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  /** What failed requests said, with how often. */
  readonly errors: Readonly<Record<string, number>>
  /** For the availability strip: per bin of `binMs`, requests that succeeded and failed, by when they began. */
  readonly binMs: number
  readonly bins: readonly (readonly [succeeded: number, failed: number])[]
}

/** A figure with its budget. `limit` null: measured for information. */
export interface Measure {
  /** "writes", "reads", "elections" */
  readonly measure: string
  readonly unit: 'ms' | 'count' | 'percent'
  readonly measured: number
  readonly limit: number | null
  /** Where the limit comes from: "vip-move = 3 × 1000 ms adverts + 414 ms skew + 700 ms". */
  readonly because: string
  readonly holds: boolean
}

export interface VipSpan extends Span {
  readonly vm: string
  readonly vip: string
}

export interface RaftRecord {
  readonly fromTerm: number
  readonly toTerm: number
  /** Changes of leader that were seen. */
  readonly elections: number
  readonly leaders: readonly (Span & { readonly vm: string })[]
}

export interface LeaseRecord {
  /** "kube-controller-manager" */
  readonly lease: string
  readonly holders: readonly (Span & { readonly holder: string })[]
}

export interface NodeRecord {
  readonly node: string
  readonly notReady: readonly Span[]
}

export interface WatchRecord {
  readonly events: number
  /** Changes of the watched objects that it never told. */
  readonly gaps: number
  readonly duplicates: number
  /** Connections that ended before the probe ended them. */
  readonly cuts: readonly number[]
}

export interface InvariantRecord {
  /** "no-lost-writes" */
  readonly name: string
  readonly claim: string
  readonly holds: boolean
  readonly seen: string
}

export interface ProbeCost {
  /** Processor time of all probes, as a share of one core: 0.08. */
  readonly coreShare: number
}

export interface LogTail {
  readonly vm: string
  /** "etcd.log" */
  readonly log: string
  readonly tail: string
}
