/** All that was seen while a scenario ran; what is measured and judged comes from nothing else. */
import type { CacheChecks } from '../ask/cache-checks.ts'
import type { ProbeFindings } from '../probes/probe-findings.ts'
import type { FaultSpan } from '../record/record.ts'

export interface Findings extends ProbeFindings {
  /** Each probe succeeded once, and so the steps began. */
  readonly began: boolean
  readonly tookMs: number
  readonly faults: readonly FaultSpan[]
  /** When everything that was broken was undone. */
  readonly healedAtMs: number
  readonly recoveryMs: number | null
  /** Services that ended and were started again, "vm-193 etcd"; without those that a fault ended. */
  readonly restarts: readonly string[]
  /** Of certificates by programs inside of the cluster, in words. */
  readonly refusals: readonly string[]
  /** Of apiservers' caches with etcd; null where none is made. */
  readonly cacheChecks: CacheChecks | null
  /** Names of VMs that went off although no fault turned them off. */
  readonly died: readonly string[]
  /** What was still wrong when the time for recovery was over; empty when all was well. */
  readonly unwell: readonly string[]
}
