/** A cluster as data: its VMs, their roles, and the addresses by which they are reached. */
import type { IpFamily } from './address.ts'
import type { CniWants } from './cni/cni-wants.ts'

export type Family = 'IPv4' | 'IPv6' | 'dual'

export const kubeProxyModes = ['iptables', 'nftables'] as const
export type KubeProxyMode = (typeof kubeProxyModes)[number]

export const nodeApis = ['vip', 'local'] as const
export type NodeApi = (typeof nodeApis)[number]

/** What VMs can be; a VM may have two. */
export const roles = ['control-plane', 'worker', 'load-balancer', 'etcd', 'router', 'tester'] as const
export type Role = (typeof roles)[number]

/** The two networks of every VM: eth0 for management, eth1 for the cluster. */
export interface Interface {
  readonly name: 'eth0' | 'eth1'
  /** 00:00:00:01:<network>:<id>, as in xcluster. */
  readonly mac: string
  /**
   * CIDR notation, for example "192.168.1.193/24"; "fd00::192.168.1.193/120" in its canonical form
   * "fd00::c0a8:1c1/120".
   */
  readonly addresses: readonly string[]
}

/** Versions whose programs lie on every VM beside those of the version with which it was made. */
export interface OtherVersions {
  readonly kubernetes?: string
  /** "own" where own programs do not say it. */
  readonly etcd?: string
}

/** A file system of its own, of limited size, on the VM's disk. */
export interface Disk {
  /** "/var/lib/etcd" */
  readonly folder: string
  readonly mib: number
}

export interface VmSpec {
  /** 193 */
  readonly id: number
  /** "vm-193" */
  readonly name: string
  readonly roles: readonly Role[]
  readonly interfaces: readonly Interface[]
  /** Everything else lies on a disk that is as large as the machine's. Absent: all does. */
  readonly disks?: readonly Disk[]
  /** Programs that are those of the other version from the beginning; absent: none is. */
  readonly runsOther?: readonly string[]
}

export interface ClusterSpec {
  readonly family: Family
  /** The family by which etcd members reach each other and are reached. */
  readonly etcdFamily: IpFamily
  readonly topology: 'external' | 'stacked'
  readonly domain: string
  /** IPv6 prefix before the embedded IPv4 address: "fd00::". */
  readonly prefix: string
  /** Its version: "1.20.2". Absent: there is none. */
  readonly kubernetes?: string
  /** What a VM can be upgraded to. Absent: nothing. */
  readonly other?: OtherVersions
  /** How pods are connected: a name of cni/choose-cni.ts, or a folder. */
  readonly cni: string
  /** What a CNI of a folder wants of the VMs; absent: nothing. */
  readonly cniWants?: CniWants
  /** With which rules of the kernel kube-proxy leads connections to pods. */
  readonly kubeProxy: KubeProxyMode
  /** Where the kubelet of a control-plane VM finds the API: at its own apiserver, or at the VIP as all others do. */
  readonly nodeApi: NodeApi
  /** Whether keepalived moves the VIP; without it the VIP is the first load balancer's own address. */
  readonly keepalived: boolean
  readonly vms: readonly VmSpec[]
  /** One per family in use, primary family first; without the prefix length. Empty without load balancers. */
  readonly vips: readonly string[]
}

/** Whether a VM has one of these roles. */
export const hasRole = ({ roles }: Pick<VmSpec, 'roles'>, ...wanted: readonly Role[]): boolean =>
  roles.some(role => wanted.includes(role))

/** The VMs that have one of these roles, of a cluster as data or of one that runs. */
export const withRole = <V extends VmSpec | { readonly spec: VmSpec }>(
  { vms }: { readonly vms: readonly V[] },
  ...wanted: readonly Role[]
): readonly V[] => vms.filter(vm => hasRole('spec' in vm ? vm.spec : vm, ...wanted))

/** The VMs on which Kubernetes runs pods: workers, and control-plane VMs too (tainted). */
export const nodes = (spec: ClusterSpec): readonly VmSpec[] =>
  spec.kubernetes ? withRole(spec, 'control-plane', 'worker') : []

/** The IP families that Kubernetes uses, primary first. */
export const familiesOf = (spec: Pick<ClusterSpec, 'family'>): readonly [IpFamily, ...IpFamily[]] =>
  spec.family === 'dual' ? ['IPv4', 'IPv6'] : [spec.family]

/** The VM's address of that family on the cluster's network, without the prefix length. */
export function addressOf(vm: VmSpec, family: IpFamily): string {
  const addresses = vm.interfaces.find(({ name }) => name === 'eth1')?.addresses ?? []
  const found = addresses.find(address => address.includes(':') === (family === 'IPv6'))
  if (found === undefined) throw new Error(`${vm.name} has no ${family} address on eth1`)
  return found.slice(0, found.indexOf('/'))
}
