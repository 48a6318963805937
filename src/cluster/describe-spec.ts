/** A cluster in a few words: "3 etcd, 2 load balancers, 2 control planes, 2 workers · VIP fd00::c0a8:1c8". */
import type { ClusterSpec, Role } from './spec.ts'

const words: readonly (readonly [Role, string, string])[] = [
  ['etcd', 'etcd', 'etcd'],
  ['load-balancer', 'load balancer', 'load balancers'],
  ['control-plane', 'control plane', 'control planes'],
  ['worker', 'worker', 'workers'],
  ['router', 'router', 'routers'],
  ['tester', 'tester', 'testers'],
]

export function describeSpec({ vms, vips }: ClusterSpec): string {
  const counts = words.map(([role, one, many]) => {
    const count = vms.filter(vm => vm.roles.includes(role)).length
    return count === 0 ? '' : `${count} ${count === 1 ? one : many}`
  })
  const vip = vips.length > 0 && vms.some(vm => vm.roles.includes('load-balancer')) ? ` · VIP ${vips.join(', ')}` : ''
  return `${counts.filter(Boolean).join(', ')}${vip}`
}
