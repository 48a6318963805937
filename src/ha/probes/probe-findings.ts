/** What the probes of a scenario found, in the scenario's own time. */
import type {
  LeaseRecord,
  NodeRecord,
  ProbeCost,
  ProbeRecord,
  RaftRecord,
  Span,
  VipSpan,
  WatchRecord,
} from '../record/record.ts'

export interface ProbeFindings {
  readonly probes: readonly ProbeRecord[]
  readonly vip: readonly VipSpan[]
  readonly raft: RaftRecord | null
  readonly leases: readonly LeaseRecord[]
  readonly nodes: readonly NodeRecord[]
  readonly watch: WatchRecord | null
  readonly probeCost: ProbeCost | null
  /** When probes stood still although requests were due; null when none has a fixed pace. */
  readonly late: readonly Span[] | null
  readonly acknowledgedWrites: number
  /** Acknowledged writes that the history of some etcd member does not hold, in words; empty when none. */
  readonly lostWrites: readonly string[]
  /** Members that did not report their history, in words: what they lost is not known. */
  readonly silentMembers: readonly string[]
  /** Reads and writes that no order of the operations explains, in words; empty when none. */
  readonly orderViolations: readonly string[]
  /** Of every etcd member, of its whole history up to the same revision. */
  readonly hashes: readonly { readonly vm: string; readonly hash: string; readonly revision: number }[]
}

/** Of the writes that probes began since then (milliseconds since 1970): how many, and how many were acknowledged. */
export type WritesSince = (sinceMs: number) => { readonly tried: number; readonly acknowledged: number }
