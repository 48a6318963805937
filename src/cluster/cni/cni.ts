/** How pods get their addresses and reach each other: what a CNI brings to the VMs of a cluster. */
import type { IpFamily } from '../address.ts'
import type { OverlayFile, TemplatedFile } from '../overlay-file.ts'
import type { ClusterSpec, VmSpec } from '../spec.ts'

/** Each is a file of this folder, and an entry in choose-cni.ts. */
export interface Cni {
  readonly name: string
  /** Debian packages that the VM image must have for it (workflows/parts/image.yaml). */
  readonly packages: readonly string[]
  /** What a node needs; what lies in its folder `cni/` is copied to /etc/cni/net.d at boot. */
  files(spec: ClusterSpec, node: VmSpec): readonly (OverlayFile | TemplatedFile)[]
  /** The routes of a VM, node or not, to the pods of others: lines for `ip -batch`. */
  routes(spec: ClusterSpec, vm: VmSpec, family: IpFamily): readonly string[]
  /** Kernel settings of every VM that forwards packets: the path below /proc/sys, and the value. */
  readonly sysctls: readonly (readonly [path: string, value: number])[]
  /** `rendered`: it is written on each node which addresses its pods get. `allocated`: controller-manager decides it, and the Node objects say it. */
  readonly nodeRanges: 'rendered' | 'allocated'
}
