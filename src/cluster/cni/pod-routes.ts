/** Static routes to pods: where they are is decided when the overlay is made, so no program has to find it out. */
import type { IpFamily } from '../address.ts'
import { nodePodRange } from '../networks.ts'
import { addressOf, type ClusterSpec, nodes, type VmSpec } from '../spec.ts'

/** To the pods of all other nodes. Every VM may have to answer a pod, so every VM gets them. */
export const podRoutes = (spec: ClusterSpec, vm: VmSpec, family: IpFamily): readonly string[] =>
  nodes(spec)
    .filter(node => node.id !== vm.id)
    .map(node => `route replace ${nodePodRange(family, node.id)} via ${addressOf(node, family)} dev eth1`)
