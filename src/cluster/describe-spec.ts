/** A cluster in a few words: "3 etcd, 2 load balancers, 2 control planes, 2 workers · VIP fd00::c0a8:1c8". */
import { type ClusterSpec, type Role, withRole } from './spec.ts'

/** Every role, one and many, in the order in which they are listed. */
const words: readonly (readonly [Role, string, string])[] = [
  ['etcd', 'etcd', 'etcd'],
  ['load-balancer', 'load balancer', 'load balancers'],
  ['control-plane', 'control plane', 'control planes'],
  ['worker', 'worker', 'workers'],
  ['router', 'router', 'routers'],
  ['tester', 'tester', 'testers'],
]

export function describeSpec(spec: ClusterSpec): string {
  const counts = words.map(([role, one, many]) => {
    const count = withRole(spec, role).length
    return count === 0 ? '' : `${count} ${count === 1 ? one : many}`
  })
  const hasVip = spec.vips.length > 0 && withRole(spec, 'load-balancer').length > 0
  const vip = hasVip ? ` · VIP ${spec.vips.join(', ')}` : ''
  return `${counts.filter(Boolean).join(', ')}${vip}`
}
