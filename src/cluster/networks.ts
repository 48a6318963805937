/** The address ranges inside the cluster that belong to no VM: services, pods, load-balancer services. */
import { canonicalIpv6, embed, type IpFamily } from './address.ts'
import { type ClusterSpec, familiesOf } from './spec.ts'

/** IPv6: no wider than /108, which apiserver demands. */
const serviceRange: Readonly<Record<IpFamily, string>> = { IPv4: '10.96.0.0/16', IPv6: 'fd00:4000::/112' }
const podRange: Readonly<Record<IpFamily, string>> = { IPv4: '10.244.0.0/16', IPv6: 'fd00:244::/32' }

export const serviceRanges = (spec: Pick<ClusterSpec, 'family'>): readonly string[] =>
  familiesOf(spec).map(family => serviceRange[family])

export const podRanges = (spec: Pick<ClusterSpec, 'family'>): readonly string[] =>
  familiesOf(spec).map(family => podRange[family])

/** From which controller-manager gives each node its range: at most 65536 of /24 or /64, or it refuses. */
export const allocatedPodRanges = (spec: Pick<ClusterSpec, 'family'>): readonly string[] =>
  familiesOf(spec).map(family => (family === 'IPv6' ? 'fd00:244::/48' : podRange.IPv4))

/** The pods of one node; a node's number is the last part that differs, so that routes can be written down beforehand. */
export const nodePodRange = (family: IpFamily, id: number): string =>
  family === 'IPv6' ? `fd00:244:${id.toString(16)}::/64` : `10.244.${id}.0/24`

/** The n-th address of the service range: 1 is the apiserver's (`kubernetes`), 10 is by convention the DNS server's. */
export function serviceAddress(family: IpFamily, n: number): string {
  if (family === 'IPv4') return `10.96.0.${n}`
  const address = canonicalIpv6(`fd00:4000::${n.toString(16)}`)
  if (address === undefined) throw new Error(`no service address ${n}`)
  return address
}

/** Addresses of services of type LoadBalancer, to which routers have routes via the workers. */
export const loadBalancerRange = (family: IpFamily, prefix: string): string =>
  family === 'IPv6' ? `${embed(prefix, '10.0.0.0')}/120` : '10.0.0.0/24'
