/** A fault: what a scenario does to a VM, and how it is undone. */
import type { GenericSchema } from 'valibot'
import type { ClusterSpec, Role } from '../../cluster/spec.ts'
import type { Cluster, FaultKind, Vm } from '../../drivers/driver.ts'
import type { Result } from '../../platform/result.ts'
import type { Target } from '../targets/target.ts'

export interface FaultContext {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  /** Of every random choice. */
  readonly seed: number
  /** The ids of the VMs that these targets mean now. */
  readonly idsOf: (targets: readonly Target[]) => Promise<Result<readonly number[]>>
}

export interface FaultType<Options = unknown> {
  /** "isolate", as steps name it. */
  readonly verb: string
  /** For docs: what it does. */
  readonly what: string
  /** Besides the VM. */
  readonly schema: GenericSchema<unknown, Options>
  /** What the driver must be able to do; a fault without one needs programs of the VM only. */
  readonly needs?: FaultKind
  /** Why VMs of that cluster cannot be hit by it, whichever of them is meant. */
  unfit?(spec: ClusterSpec): string | undefined
  /** Only VMs of these roles have what it breaks. */
  readonly roles?: readonly Role[]
  /** `began` until something undoes it, `momentary` without an end of its own, or it `undoes` others. */
  readonly effect: 'began' | 'momentary' | 'undoes'
  /** Faults that it puts an end to; by default, for one that undoes, none. */
  readonly ends?: readonly string[]
  /** Undone on one VM, it is undone on all. */
  readonly onAll?: boolean
  /** Targets among its options, to be looked at before anything starts. */
  targets?(options: Options): readonly Target[]
  /** What is wrong with its options on a VM of these roles; none are given when the VM is not known yet. */
  problem?(options: Options, roles: readonly Role[], spec: ClusterSpec): string | undefined
  /** Resolves to a detail for people: "haproxy, SIGKILL"; may be empty. */
  inject(vm: Vm, options: Options, context: FaultContext): Promise<Result<string>>
}

export const defineFault = <Options>(fault: FaultType<Options>): FaultType => fault as FaultType
