/** A CNI that the user brings in a folder: its manifests install it, and it finds its own ways, without static routes. */
import { plain } from '../overlay-file.ts'
import { inVm } from '../render/vm-folder.ts'
import type { ClusterSpec } from '../spec.ts'
import type { Cni } from './cni.ts'
import { mountPoints } from './cni-wants.ts'

/** Where nodes have the manifests. */
export const manifestsFolder = '/usr/share/k8s-ha/cni/manifests'

export const isCniFolder = (cni: string): boolean => /^\.{0,2}\//.test(cni)

export const folderCni = (folder: string): Cni => ({
  name: folder,
  packages: [],
  files: (spec, node) => [plain(inVm(node, 'mounts'), mountsOf(spec))],
  routes: () => [],
  // It may make a bridge: see there.
  sysctls: [
    ['net/bridge/bridge-nf-call-iptables', 1],
    ['net/bridge/bridge-nf-call-ip6tables', 1],
  ],
  nodeRanges: 'allocated',
})

const mountsOf = ({ cniWants }: ClusterSpec): string =>
  (cniWants?.mounts ?? []).map(type => `${type} ${mountPoints[type]}\n`).join('')
