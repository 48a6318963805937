/** Whether the steps of a scenario fit a cluster, found out before anything starts that could not end. */
import { type ClusterSpec, type Role, type VmSpec, withRole } from '../../cluster/spec.ts'
import type { FaultKind } from '../../drivers/driver.ts'
import { usage } from '../../platform/failure.ts'
import { done, fail, type Result } from '../../platform/result.ts'
import { actions } from '../actions/actions.ts'
import type { FaultType } from '../faults/fault.ts'
import { faultTypes } from '../faults/faults.ts'
import { findTarget } from '../targets/find-target.ts'
import type { Target } from '../targets/target.ts'
import { dynamicTargets } from '../targets/target-schema.ts'
import type { FaultStep, RequireStep, Step } from './steps.ts'

export interface StepProblem {
  /** From the scenario's `steps`: [3, "steps", 0, "stop"]. */
  readonly path: readonly (string | number)[]
  readonly message: string
  /** What mends it. */
  readonly try?: string
}

export interface Surroundings {
  readonly spec: ClusterSpec
  /** What the driver can do to a VM; absent: not known, and not judged. */
  readonly kinds?: ReadonlySet<FaultKind>
  /** Verbs of faults that may be impossible here. */
  readonly mayLack?: readonly string[]
}

/** Why a fault cannot be on that cluster, whichever VM it is to hit. */
export function lackOf(verb: string, { spec, kinds }: Omit<Surroundings, 'mayLack'>): string | undefined {
  const { needs, unfit } = faultTypes.get(verb) ?? {}
  if (needs !== undefined && kinds?.has(needs) === false) return `the driver cannot do "${verb}" to a VM`
  const why = unfit?.(spec)
  return why === undefined ? undefined : `"${verb}" is not possible: ${why}`
}

/** All of them, in the order of the steps. */
export function stepProblems(steps: readonly Step[], surroundings: Surroundings): readonly StepProblem[] {
  return new StepsValidator(surroundings).steps(steps, [], undefined)
}

export function validateSteps(spec: ClusterSpec, steps: readonly Step[]): Result<void> {
  const [first, ...others] = stepProblems(steps, { spec })
  if (first === undefined) return done
  const toFailure = ({ message, try: mend }: StepProblem) =>
    usage(`Cannot run the scenario: ${message}`, mend === undefined ? {} : { try: mend })
  return fail({ ...toFailure(first), ...(others.length > 0 ? { also: others.map(toFailure) } : {}) })
}

class StepsValidator {
  readonly #spec: ClusterSpec
  readonly #surroundings: Surroundings
  /** By the verbs of the faults so far: which VMs they hit, undefined for one that shows only later. */
  readonly #injected = new Map<string, readonly (number | undefined)[]>()

  constructor(surroundings: Surroundings) {
    this.#spec = surroundings.spec
    this.#surroundings = surroundings
  }

  steps(steps: readonly Step[], path: StepProblem['path'], each: VmSpec['roles'] | undefined): StepProblem[] {
    return steps.flatMap((step, index) => this.#step(step, [...path, index], each))
  }

  #step(step: Step, path: StepProblem['path'], each: VmSpec['roles'] | undefined): StepProblem[] {
    switch (step.kind) {
      case 'require':
        return this.#requirement(step, [...path, 'require'])
      case 'each': {
        const { role, first = 1, last } = step
        const enough = { kind: 'require', keepalived: false, role, atLeast: first } as const
        const misnamed = last === undefined ? undefined : this.#target(last, each)
        return [
          ...this.#requirement(enough, [...path, 'each']),
          ...(misnamed === undefined ? [] : [{ path: [...path, 'last'], message: misnamed }]),
          ...this.steps(step.steps, [...path, 'steps'], [role]),
        ]
      }
      case 'fault':
        return this.#fault(step, [...path, step.verb], each)
      case 'do': {
        const { targets, role } = actions.get(step.action) ?? {}
        return (targets?.(step.options) ?? []).flatMap(target => {
          const message =
            this.#target(target, each) ?? this.#misplaced(`do ${step.action}`, role && [role], target, each)
          return message === undefined ? [] : [{ path: [...path, 'vm'], message }]
        })
      }
      case 'check':
      case 'wait':
        return []
    }
  }

  #requirement({ keepalived, role, atLeast }: RequireStep, path: StepProblem['path']): StepProblem[] {
    if (keepalived && !this.#spec.keepalived)
      return [
        {
          path,
          message: 'it needs keepalived, and the overlay is made without it',
          try: 'leave out --set keepalived=none',
        },
      ]
    const count = role === undefined ? atLeast : withRole(this.#spec, role).length
    if (count >= atLeast) return []
    return [{ path, message: `it needs ${atLeast} VMs of role "${role}", and the cluster has ${count}` }]
  }

  #fault({ verb, target, options }: FaultStep, path: StepProblem['path'], each: VmSpec['roles'] | undefined) {
    const fault = faultTypes.get(verb)
    if (fault === undefined) throw new Error(`no fault ${verb}`)
    const problems = [target, ...(fault.targets?.(options) ?? [])].flatMap(one => this.#target(one, each) ?? [])
    const roles = this.#rolesOf(target, each)
    const lack = this.#surroundings.mayLack?.includes(verb) ? undefined : lackOf(verb, this.#surroundings)
    if (lack !== undefined) problems.push(lack)
    const misplaced = this.#misplaced(verb, fault.roles, target, each)
    if (misplaced !== undefined) problems.push(misplaced)
    const problem = fault.problem?.(options, roles, this.#spec)
    if (problem !== undefined) problems.push(problem)
    problems.push(...this.#undoesNothing(fault, target))
    this.#injected.set(verb, [...(this.#injected.get(verb) ?? []), this.#idOf(target)])
    return problems.map(message => ({ path, message }))
  }

  #undoesNothing({ verb, effect, ends = [], onAll = false }: FaultType, target: Target): readonly string[] {
    const [id, hit] = [this.#idOf(target), ends.flatMap(one => this.#injected.get(one) ?? [])]
    if (effect !== 'undoes' || hit.some(one => onAll || one === undefined || id === undefined || one === id)) return []
    const where = hit.length > 0 ? ` on ${this.#spec.vms.find(vm => vm.id === id)?.name}` : ''
    return [`"${verb}" has nothing to undo: no ${ends.join(' or ')} comes before it${where}`]
  }

  /** Undefined when that shows only later. */
  #idOf(target: Target): number | undefined {
    return dynamicTargets.some(one => one === target) || target === 'each'
      ? undefined
      : findTarget(this.#spec, target)?.id
  }

  #misplaced(verb: string, allowed: readonly Role[] | undefined, target: Target, each: VmSpec['roles'] | undefined) {
    const roles = this.#rolesOf(target, each)
    if (allowed === undefined || roles.length === 0 || roles.some(role => allowed.includes(role))) return undefined
    return `"${verb}" is for VMs with the role ${allowed.join(' or ')}`
  }

  #target(target: Target, each: VmSpec['roles'] | undefined): string | undefined {
    if (target === 'each') return each === undefined ? '"each" stands outside of an each' : undefined
    if (target === 'last') return this.#injected.size > 0 ? undefined : '"last" has no fault before it'
    if (target === 'stopped') return this.#injected.has('stop') ? undefined : '"stopped" has no stop before it'
    if (target === 'vip-owner' || target === 'vip-backup')
      return this.#spec.keepalived ? undefined : `"${target}" needs keepalived, and the overlay is made without it`
    if (dynamicTargets.some(one => one === target) || findTarget(this.#spec, target)) return undefined
    const known = this.#spec.vms.map(vm => vm.name).join(', ')
    return `the cluster has no VM "${target}", only ${known}`
  }

  /** Empty when that shows only later. */
  #rolesOf(target: Target, each: VmSpec['roles'] | undefined): VmSpec['roles'] {
    if (target === 'each') return each ?? []
    if (target === 'vip-owner' || target === 'vip-backup') return ['load-balancer']
    if (target === 'etcd-leader' || target === 'etcd-follower')
      return this.#spec.topology === 'stacked' ? ['etcd', 'control-plane'] : ['etcd']
    if (target === 'controller-manager-leader' || target === 'scheduler-leader') return ['control-plane']
    return findTarget(this.#spec, target)?.roles ?? []
  }
}
