/** A VM's network: addresses and routes as a batch for `ip`, kernel settings as "key value" lines. */
import type { IpFamily } from '../address.ts'
import { cniOf } from '../cni/choose-cni.ts'
import { loadBalancerRange } from '../networks.ts'
import { type OverlayFile, plain } from '../overlay-file.ts'
import { addressOf, type ClusterSpec, familiesOf, hasRole, type VmSpec, withRole } from '../spec.ts'
import { inVm } from './vm-folder.ts'

export function renderNetwork(spec: ClusterSpec, vm: VmSpec): OverlayFile[] {
  const lines = [
    'link set lo up',
    ...vm.interfaces.flatMap(({ name, addresses }) => [
      ...addresses.map(address => `addr replace ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`),
      `link set ${name} up`,
    ]),
    ...familiesOf(spec).flatMap(family => routes(spec, vm, family)),
  ]
  return [
    plain(inVm(vm, 'network.ip'), lines.map(line => `${line}\n`).join('')),
    plain(
      inVm(vm, 'sysctl'),
      sysctls(spec, vm)
        .map(([key, value]) => `${key} ${value}\n`)
        .join(''),
    ),
  ]
}

function routes(spec: ClusterSpec, vm: VmSpec, family: IpFamily): readonly string[] {
  const pods = cniOf(spec).routes(spec, vm, family)
  if (hasRole(vm, 'router')) return [...pods, ...serviceRoutes(spec, family)]
  return [...pods, defaultRoute(spec, family)]
}

/**
 * Via the first router. Where there is none a default route is needed all the same: a packet to a service's address is
 * routed before kube-proxy's rules give it its destination.
 */
function defaultRoute(spec: ClusterSpec, family: IpFamily): string {
  const any = family === 'IPv6' ? '::/0' : '0.0.0.0/0'
  const [router] = withRole(spec, 'router')
  return `route replace ${any}${router === undefined ? '' : ` via ${addressOf(router, family)}`} dev eth1`
}

/** On a router, the addresses of LoadBalancer services: spread over all workers. */
function serviceRoutes(spec: ClusterSpec, family: IpFamily): string[] {
  const workers = spec.kubernetes ? withRole(spec, 'worker') : []
  if (workers.length === 0) return []
  const hops = workers.map(worker => `nexthop via ${addressOf(worker, family)} dev eth1`)
  return [`route replace ${loadBalancerRange(family, spec.prefix)} ${hops.join(' ')}`]
}

function sysctls(spec: ClusterSpec, vm: VmSpec): (readonly [string, number])[] {
  const interfaces = ['all', 'default', 'eth0', 'eth1']
  const forwards = hasRole(vm, 'control-plane', 'worker', 'router')
  return [
    ...['all', 'default', 'lo'].map(name => [`net/ipv6/conf/${name}/disable_ipv6`, 0] as const),
    // No duplicate detection, link-local addresses included: keepalived binds to them at once.
    ...interfaces.map(name => [`net/ipv6/conf/${name}/accept_dad`, 0] as const),
    ...interfaces.map(name => [`net/ipv6/conf/${name}/accept_ra`, 0] as const),
    ...(forwards ? [...forwarding, ...cniOf(spec).sysctls] : []),
  ]
}

const forwarding: readonly (readonly [string, number])[] = [
  ['net/ipv4/ip_forward', 1],
  ['net/ipv6/conf/all/forwarding', 1],
  ['net/ipv6/conf/default/forwarding', 1],
  // Replies may come another way than requests went.
  ['net/ipv4/conf/all/rp_filter', 0],
  ['net/ipv4/conf/default/rp_filter', 0],
  ['net/ipv4/fib_multipath_hash_policy', 1],
  ['net/ipv6/fib_multipath_hash_policy', 1],
]
