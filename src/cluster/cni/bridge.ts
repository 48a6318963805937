/** The CNI plugin `bridge`: a node's pods hang on a bridge, and every VM has a static route to each node's pods. */
import { nodePodRange } from '../networks.ts'
import { inVm } from '../render/vm-folder.ts'
import { familiesOf } from '../spec.ts'
import type { Cni } from './cni.ts'
import { podRoutes } from './pod-routes.ts'

export const bridge: Cni = {
  name: 'bridge',
  packages: ['containernetworking-plugins'],
  files: (spec, node) => [
    {
      path: inVm(node, 'cni/10-bridge.conflist'),
      template: 'etc/cni/bridge.conflist.template',
      variables: {
        RANGES: JSON.stringify(familiesOf(spec).map(family => [{ subnet: nodePodRange(family, node.id) }])),
      },
    },
  ],
  routes: podRoutes,
  // So that a pod reaches a service whose endpoint is on its own node.
  sysctls: [
    ['net/bridge/bridge-nf-call-iptables', 1],
    ['net/bridge/bridge-nf-call-ip6tables', 1],
  ],
  nodeRanges: 'rendered',
}
