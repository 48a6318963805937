/** An action: something that a scenario does to a cluster besides breaking it. */
import type { GenericSchema } from 'valibot'
import type { Role } from '../../cluster/spec.ts'
import type { Cluster, Vm } from '../../drivers/driver.ts'
import type { Result } from '../../platform/result.ts'
import type { Target } from '../targets/target.ts'

export interface ActionContext {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  /** The VM that the target means now. */
  readonly vmOf: (target: Target) => Promise<Result<Vm>>
}

export interface Action<Options = unknown> {
  /** "label-control-plane", as `do` steps name it. */
  readonly name: string
  /** For docs: what it does. */
  readonly what: string
  readonly schema: GenericSchema<unknown, Options>
  /** Numbers and places among its options, looked at before anything starts. */
  targets?(options: Options): readonly Target[]
  /** Only VMs of this role have what it changes. */
  readonly role?: Role
  /** Resolves to what was done, in words. */
  run(context: ActionContext, options: Options): Promise<Result<string>>
}

export const defineAction = <Options>(action: Action<Options>): Action => action as Action
