/** A check: a claim about a cluster, observed until it holds or its time is up. */
import type { GenericSchema } from 'valibot'
import type { Cluster } from '../../drivers/driver.ts'
import type { WritesSince } from '../probes/probe-findings.ts'

export interface Observation {
  readonly holds: boolean
  /** What was seen, whether or not it holds: "2 of 3 healthy; vm-193: context deadline exceeded". */
  readonly seen: string
  /** The one figure that a summary shows: "2". */
  readonly figure?: string
}

export interface CheckContext {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  /** When the check began to observe; milliseconds since 1970. */
  readonly since: number
  /** Of the writes that probes began since then: how many, and how many were acknowledged. Absent without such probes. */
  readonly writes?: WritesSince | undefined
}

export interface Check<Options = unknown> {
  /** "etcd-healthy", as scenarios name it. */
  readonly name: string
  /** What it claims, for docs and messages: "the etcd members are healthy". */
  readonly claim: string
  readonly schema: GenericSchema<unknown, Options>
  readonly timeoutMs: number
  /** Its time limit is there so that something ends, and judges nobody: `patience` stretches it. */
  readonly waitsForReadiness?: true
  observe(context: CheckContext, options: Options): Promise<Observation>
}

export const defineCheck = <Options>(check: Check<Options>): Check<Options> => check
