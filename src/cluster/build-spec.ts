/** From the settings a user gives to the cluster they mean, or to the reason why they cannot be meant. */
import { isIP } from 'node:net'
import { type Failure, together, usage } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { canonicalIpv6, clusterAddress, type IpFamily, ipFamily, normalizePrefix } from './address.ts'
import { interfacesOf } from './interfaces.ts'
import { traitsOf } from './kubernetes/versions.ts'
import {
  type ClusterSpec,
  type Family,
  familiesOf,
  type KubeProxyMode,
  type NodeApi,
  type OtherVersions,
  type Role,
  type VmSpec,
} from './spec.ts'
import { parseVmList, vmName } from './vm-list.ts'

/** The settings as users know them from the ancestor; lists of VMs in any form that parseVmList reads. */
export interface ClusterSettings {
  readonly family: Family
  /** Empty: the cluster's primary family. */
  readonly etcdFamily: IpFamily | ''
  readonly topology: 'external' | 'stacked'
  readonly etcdVms: string
  readonly lbVms: string
  readonly masters: string
  /** How many of vm-001, vm-002, … there are: the masters among them, the others workers. */
  readonly nvm: number
  readonly nrouters: number
  readonly ntesters: number
  readonly prefix: string
  readonly domain: string
  /** The last VM number on which Kubernetes starts. */
  readonly lastNode: number
  /** The VIP, or one per family; empty: .200 with keepalived, else the first load balancer's own address. */
  readonly lbIp: string
  readonly k8sDisable: boolean
  /** Its version. */
  readonly kubernetes: string
  readonly cni: string
  readonly kubeProxy: KubeProxyMode
  readonly nodeApi: NodeApi
  /** MiB of a disk of its own for the data of each etcd member; 0: none. */
  readonly etcdDisk: number
  readonly keepalived: boolean
  readonly other?: OtherVersions | undefined
  /** Where programs of the other version of Kubernetes run from the beginning. */
  readonly otherOn?: OtherOn | undefined
}

/** As in the middle of an upgrade: the first apiserver; or as where nodes are left behind: all of the control plane. */
export const otherPlaces = ['one-apiserver', 'control-plane'] as const
export type OtherOn = (typeof otherPlaces)[number]

interface Members {
  readonly etcd: readonly number[]
  readonly lb: readonly number[]
  readonly masters: readonly number[]
}

/** Where etcd keeps its data; it reserves 2 × 61 MiB for its log beforehand. */
const etcdFolder = '/var/lib/etcd'
const leastEtcdDisk = 192

const vipNumber = 200
const routers = { first: 201, last: 220 }
const testers = { first: 221, last: 240 }

export function buildSpec(settings: ClusterSettings): Result<ClusterSpec> {
  const prefix = normalizePrefix(settings.prefix)
  if (prefix === undefined)
    return fail(
      usage(`Cannot use prefix "${settings.prefix}": no IPv4 address can follow it`, { try: 'write it like "fd00::"' }),
    )
  const members = readMembers(settings)
  if (!members.ok) return members
  const problems = [...numberProblems(settings, members.value), ...sizeProblems(settings, members.value)]
  if (problems.length > 0) return fail(together(problems))
  const families = familiesOf(settings)
  const vips = chooseVips(settings, members.value, prefix)
  if (!vips.ok) return vips
  return ok({
    family: settings.family,
    etcdFamily: settings.etcdFamily || families[0],
    topology: settings.topology,
    domain: settings.domain,
    prefix,
    ...(settings.k8sDisable ? {} : { kubernetes: settings.kubernetes }),
    ...(settings.other === undefined ? {} : { other: settings.other }),
    cni: settings.cni,
    kubeProxy: settings.kubeProxy,
    nodeApi: settings.nodeApi,
    keepalived: settings.keepalived,
    vms: makeVms(settings, members.value, prefix),
    vips: vips.value,
  })
}

function readMembers(settings: ClusterSettings): Result<Members> {
  const lb = parseVmList(settings.lbVms, 'lb_vms')
  if (!lb.ok) return lb
  const masters = parseVmList(settings.masters, 'masters')
  if (!masters.ok) return masters
  const etcd = settings.topology === 'stacked' ? masters : parseVmList(settings.etcdVms, 'etcd_vms')
  if (!etcd.ok) return etcd
  return ok({ etcd: etcd.value, lb: lb.value, masters: masters.value })
}

/** VM numbers outside their role's range, and VMs with two roles that exclude each other. */
function numberProblems(settings: ClusterSettings, { etcd, lb, masters }: Members): Failure[] {
  const { lastNode } = settings
  if (lastNode < 1 || lastNode >= vipNumber - 1)
    return [usage(`Cannot use last_node ${lastNode}: it must be between 1 and ${vipNumber - 2}`)]
  const problems: Failure[] = []
  const demand = (list: readonly number[], setting: string, first: number, last: number) => {
    for (const id of list)
      if (id < first || id > last)
        problems.push(usage(`Cannot use VM ${id} in ${setting}: its numbers are ${first} to ${last}`))
  }
  demand(masters, 'masters', 1, lastNode)
  demand(lb, 'lb_vms', lastNode + 1, vipNumber - 1)
  if (settings.topology === 'external') demand(etcd, 'etcd_vms', lastNode + 1, vipNumber - 1)
  for (const id of etcd)
    if (lb.includes(id)) problems.push(usage(`Cannot use VM ${id} twice: both etcd_vms and lb_vms name it`))
  return problems
}

/** Fewer VMs than what is asked for needs, or more than there are numbers. */
function sizeProblems(settings: ClusterSettings, { etcd, lb, masters }: Members): Failure[] {
  const problems: Failure[] = []
  const limit = (value: number, setting: string, last: number) => {
    if (!Number.isInteger(value) || value < 0 || value > last)
      problems.push(usage(`Cannot use ${setting} ${value}: it must be a whole number from 0 to ${last}`))
  }
  if (settings.etcdDisk !== 0 && settings.etcdDisk < leastEtcdDisk)
    problems.push(usage(`Cannot use etcd_disk ${settings.etcdDisk}: it must be 0 or at least ${leastEtcdDisk} MiB`))
  limit(settings.nvm, 'nvm', settings.lastNode)
  limit(settings.nrouters, 'nrouters', routers.last - routers.first + 1)
  limit(settings.ntesters, 'ntesters', testers.last - testers.first + 1)
  if (settings.k8sDisable) return problems
  if (!traitsOf(settings.kubernetes).kubeProxyModes.includes(settings.kubeProxy))
    problems.push(
      usage(
        `Cannot use kube_proxy ${settings.kubeProxy} with Kubernetes ${settings.kubernetes}: its kube-proxy lacks it`,
        {
          try: 'kube_proxy=iptables, or a newer Kubernetes',
        },
      ),
    )
  const needed = (list: readonly number[], setting: string, what: string) => {
    if (list.length === 0) problems.push(usage(`Cannot start Kubernetes: ${setting} names no VM, and it needs ${what}`))
  }
  needed(etcd, settings.topology === 'stacked' ? 'masters' : 'etcd_vms', 'an etcd member')
  needed(lb, 'lb_vms', 'a load balancer')
  needed(masters, 'masters', 'a control-plane VM')
  for (const id of masters)
    if (id > settings.nvm)
      problems.push(
        usage(`Cannot start Kubernetes: master VM ${id} is not among the ${settings.nvm} VMs that nvm asks for`),
      )
  return problems
}

function chooseVips(settings: ClusterSettings, { lb }: Members, prefix: string): Result<readonly string[]> {
  const families = familiesOf(settings)
  const given = settings.lbIp.split(/[\s,]+/).filter(Boolean)
  if (given.length > 0) {
    const canonical = given.map(text => (isIP(text) === 4 ? text : canonicalIpv6(text)))
    const vips = families.map(family => canonical.find(vip => vip !== undefined && ipFamily(vip) === family))
    const missing = families.find((_, index) => vips[index] === undefined)
    if (missing !== undefined || canonical.length !== families.length)
      return fail(usage(`Cannot use lb_ip "${settings.lbIp}": it must be one ${families.join(' and one ')} address`))
    return ok(vips.filter(vip => vip !== undefined))
  }
  const [first] = lb
  if (first === undefined) return ok([])
  return ok(families.map(family => clusterAddress(family, prefix, settings.keepalived ? vipNumber : first)))
}

function makeVms(settings: ClusterSettings, { etcd, lb, masters }: Members, prefix: string): VmSpec[] {
  const roles = new Map<number, Role[]>()
  const give = (id: number, role: Role) => roles.set(id, [...(roles.get(id) ?? []), role])
  const range = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index)
  for (const id of range(1, settings.nvm)) give(id, masters.includes(id) ? 'control-plane' : 'worker')
  for (const id of lb) give(id, 'load-balancer')
  for (const id of etcd) give(id, 'etcd')
  for (const id of range(routers.first, settings.nrouters)) give(id, 'router')
  for (const id of range(testers.first, settings.ntesters)) give(id, 'tester')
  // Load balancers keep the order in which they were named: it is the order of their VRRP priorities.
  const rank = (id: number) => (lb.includes(id) ? (lb[0] ?? id) + lb.indexOf(id) / 1000 : id)
  return [...roles]
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([id, ofVm]) => ({
      ...{ id, name: vmName(id), roles: ofVm, interfaces: interfacesOf(id, prefix) },
      ...(settings.etcdDisk > 0 && etcd.includes(id)
        ? { disks: [{ folder: etcdFolder, mib: settings.etcdDisk }] }
        : {}),
      ...runningOther(settings, ofVm, id === masters[0]),
    }))
}

function runningOther(
  { otherOn }: ClusterSettings,
  roles: readonly Role[],
  isFirst: boolean,
): Pick<VmSpec, 'runsOther'> {
  if (otherOn === 'one-apiserver' && isFirst) return { runsOther: ['kube-apiserver'] }
  if (otherOn !== 'control-plane' || !roles.includes('control-plane')) return {}
  return { runsOther: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] }
}
