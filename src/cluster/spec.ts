/** A cluster as data: which VMs there are, what each one is for, and the addresses by which they are reached. */

export type Family = 'IPv4' | 'IPv6' | 'dual'
export type Role = 'control-plane' | 'worker' | 'load-balancer' | 'etcd' | 'router' | 'tester'

/** The two networks of every VM: eth0 for management, eth1 for the cluster. */
export interface Interface {
  readonly name: 'eth0' | 'eth1'
  /** 00:00:00:01:<network>:<id>, as in xcluster. */
  readonly mac: string
  /** CIDR notation, for example "192.168.1.193/24"; "fd00::192.168.1.193/120" in its canonical form "fd00::c0a8:1c1/120". */
  readonly addresses: readonly string[]
}

export interface VmSpec {
  /** 193 */
  readonly id: number
  /** "vm-193" */
  readonly name: string
  readonly roles: readonly Role[]
  readonly interfaces: readonly Interface[]
}

export interface ClusterSpec {
  readonly family: Family
  readonly topology: 'external' | 'stacked'
  readonly domain: string
  /** IPv6 prefix before the embedded IPv4 address: "fd00::". */
  readonly prefix: string
  readonly kubernetes: boolean
  readonly vms: readonly VmSpec[]
  /** One per family in use, primary family first; without the prefix length. The first load balancer's own address where keepalived is absent. */
  readonly vips: readonly string[]
}
