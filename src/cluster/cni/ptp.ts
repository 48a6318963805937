/** The CNI plugin `ptp`: a pair of interfaces for each pod, and the node routes between them; static routes as with bridge. */
import { nodePodRange } from '../networks.ts'
import { inVm } from '../render/vm-folder.ts'
import { familiesOf } from '../spec.ts'
import type { Cni } from './cni.ts'
import { podRoutes } from './pod-routes.ts'

export const ptp: Cni = {
  name: 'ptp',
  packages: ['containernetworking-plugins'],
  files: (spec, node) => [
    {
      path: inVm(node, 'cni/10-ptp.conflist'),
      template: 'etc/cni/ptp.conflist.template',
      variables: {
        RANGES: JSON.stringify(familiesOf(spec).map(family => [{ subnet: nodePodRange(family, node.id) }])),
        // It gives a pod no default route by itself, as bridge does.
        ROUTES: JSON.stringify(familiesOf(spec).map(family => ({ dst: family === 'IPv6' ? '::/0' : '0.0.0.0/0' }))),
      },
    },
  ],
  routes: podRoutes,
  // Even what pods of one node send each other is routed.
  sysctls: [],
  nodeRanges: 'rendered',
}
