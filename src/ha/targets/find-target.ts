/** The VM that a target names by itself, without a look at a running cluster. */
import { type ClusterSpec, roles, type VmSpec, withRole } from '../../cluster/spec.ts'
import type { Target } from './target.ts'

/** The VM that a number or a place in a role means. */
export function findTarget(spec: ClusterSpec, target: Target): VmSpec | undefined {
  if (typeof target === 'number') return spec.vms.find(vm => vm.id === target)
  const [role, place] = target.split(' ')
  const known = roles.find(one => one === role)
  return known && withRole(spec, known)[Number(place) - 1]
}
