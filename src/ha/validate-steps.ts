/** Whether the steps of a scenario fit a cluster, found out before anything starts that could not end. */
import { type ClusterSpec, type VmSpec, withRole } from '../cluster/spec.ts'
import { usage } from '../platform/failure.ts'
import { done, fail, type Result } from '../platform/result.ts'
import type { RequireStep, Step, Target } from './steps.ts'

export function validateSteps(spec: ClusterSpec, steps: readonly Step[], inEach = false): Result<void> {
  for (const step of steps) {
    const valid = validateStep(spec, step, inEach)
    if (!valid.ok) return valid
  }
  return done
}

/** The VM that a number or a place in a role means. */
export function findTarget(spec: ClusterSpec, target: Target): VmSpec | undefined {
  if (typeof target === 'number') return spec.vms.find(vm => vm.id === target)
  const [role, place] = target.split(' ')
  return spec.vms.filter(vm => vm.roles.some(own => own === role))[Number(place) - 1]
}

function validateStep(spec: ClusterSpec, step: Step, inEach: boolean): Result<void> {
  switch (step.kind) {
    case 'require':
      return validateRequirement(spec, step)
    case 'each': {
      const { role, first = 1 } = step
      const enough = validateRequirement(spec, { kind: 'require', keepalived: false, role, atLeast: first })
      return enough.ok ? validateSteps(spec, step.steps, true) : enough
    }
    case 'fault':
      return validateTarget(spec, step.target, inEach)
    case 'check':
    case 'do':
      return done
  }
}

function validateRequirement(spec: ClusterSpec, { keepalived, role, atLeast }: RequireStep): Result<void> {
  if (keepalived && !spec.keepalived)
    return fail(
      usage('Cannot run the scenario: it needs keepalived, and the overlay was made without it', {
        try: 'leave out --set keepalived=none',
      }),
    )
  const count = role === undefined ? atLeast : withRole(spec, role).length
  if (count >= atLeast) return done
  return fail(usage(`Cannot run the scenario: it needs ${atLeast} VMs of role "${role}", and the cluster has ${count}`))
}

function validateTarget(spec: ClusterSpec, target: Target, inEach: boolean): Result<void> {
  if (target === 'vip-owner' || target === 'stopped' || (target === 'each' && inEach)) return done
  if (target === 'each') return fail(usage('Cannot run the scenario: "each" stands outside of an each'))
  if (findTarget(spec, target)) return done
  const known = spec.vms.map(vm => vm.name).join(', ')
  return fail(usage(`Cannot run the scenario: the cluster has no VM "${target}", only ${known}`))
}
