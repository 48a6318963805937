/** Which certificates a cluster needs, as data: subject, names, usage and who signs. Issuing them is another file's. */
import { loopback } from '../address.ts'
import { serviceAddress } from '../networks.ts'
import { addressOf, type ClusterSpec, familiesOf, nodes, type VmSpec, withRole } from '../spec.ts'

/** Of apiservers' serving certificates: the first, and the one that takes its place. */
export const servingAuthorities = ['ca', 'next-ca'] as const
export type ServingAuthority = (typeof servingAuthorities)[number]

/** A client with a certificate of one of them is nobody to those who trust the others. */
export const authorities = [...servingAuthorities, 'etcd-ca', 'etcd-peer-ca', 'front-proxy-ca'] as const
export type Authority = (typeof authorities)[number]

/** What the certificates that it signs call it. */
export const authorityName = (authority: Authority): string =>
  servingAuthorities.some(one => one === authority) ? `kubernetes-${authority}` : authority

export interface CertificatePlan {
  /** File name without ".crt" or ".key". */
  readonly name: string
  readonly authority: Authority
  readonly commonName: string
  /** Kubernetes reads organizations as groups. */
  readonly organization?: string
  readonly usages: readonly ('client' | 'server')[]
  readonly dnsNames: readonly string[]
  readonly addresses: readonly string[]
}

/**
 * etcd has authorities of its own: a client certificate of Kubernetes must not open the data beneath, and a client
 * certificate of etcd must not join its members.
 */
export function planCertificates(spec: ClusterSpec): readonly CertificatePlan[] {
  const etcd = withRole(spec, 'etcd').flatMap(vm => etcdMember(spec, vm))
  const etcdClients = [
    client('etcd-client', 'etcd-ca', 'root'),
    client('apiserver-etcd-client', 'etcd-ca', 'kube-apiserver'),
  ]
  if (!spec.kubernetes) return [...etcd, ...etcdClients]
  return [
    ...etcd,
    ...etcdClients,
    apiserver(spec, 'apiserver'),
    // For a renewal: see the action renew-certificate.
    apiserver(spec, 'apiserver-next'),
    // For a change of authority: the same action.
    { ...apiserver(spec, 'apiserver-next-ca'), authority: 'next-ca' },
    client('apiserver-kubelet-client', 'ca', 'kube-apiserver-kubelet-client', 'system:masters'),
    client('admin', 'ca', 'kubernetes-admin', 'system:masters'),
    client('controller-manager', 'ca', 'system:kube-controller-manager'),
    client('scheduler', 'ca', 'system:kube-scheduler'),
    client('kube-proxy', 'ca', 'system:kube-proxy'),
    // With which an apiserver says on behalf of which user it passes a request on to an API server of somebody else.
    client('front-proxy-client', 'front-proxy-ca', 'front-proxy-client'),
    // Nothing but "authenticated": enough for /readyz, and for nothing else.
    client('health-check', 'ca', 'health-check'),
    ...nodes(spec).map(vm => kubelet(spec, vm)),
  ]
}

const client = (name: string, authority: Authority, commonName: string, organization?: string): CertificatePlan => ({
  name,
  authority,
  commonName,
  ...(organization === undefined ? {} : { organization }),
  usages: ['client'],
  dnsNames: [],
  addresses: [],
})

const both = ['IPv4', 'IPv6'] as const

function etcdMember(spec: ClusterSpec, vm: VmSpec): CertificatePlan[] {
  const member = {
    commonName: vm.name,
    // A member is a client of its peers, and its gRPC gateway is a client of itself.
    usages: ['server', 'client'] as const,
    dnsNames: [vm.name, `${vm.name}.${spec.domain}`, 'localhost'],
    addresses: [...both.map(family => addressOf(vm, family)), ...both.map(loopback)],
  }
  return [
    { ...member, name: `etcd-server-${vm.name}`, authority: 'etcd-ca' },
    { ...member, name: `etcd-peer-${vm.name}`, authority: 'etcd-peer-ca' },
  ]
}

/**
 * One for all apiservers: whichever of them answers behind the VIP, every name by which it is reached must be there.
 */
function apiserver(spec: ClusterSpec, name: string): CertificatePlan {
  const controlPlanes = withRole(spec, 'control-plane')
  const balancers = withRole(spec, 'load-balancer')
  const families = familiesOf(spec)
  return {
    name,
    authority: 'ca',
    commonName: 'kube-apiserver',
    usages: ['server'],
    dnsNames: [
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      `kubernetes.default.svc.${spec.domain}`,
      'localhost',
      ...controlPlanes.map(vm => vm.name),
    ],
    addresses: unique([
      ...spec.vips,
      ...families.flatMap(family => [
        ...[...controlPlanes, ...balancers].map(vm => addressOf(vm, family)),
        serviceAddress(family, 1),
      ]),
      ...both.map(loopback),
    ]),
  }
}

/** Both its client certificate and the one with which it serves logs and exec to the apiserver. */
const kubelet = (spec: ClusterSpec, vm: VmSpec): CertificatePlan => ({
  name: `kubelet-${vm.name}`,
  authority: 'ca',
  commonName: `system:node:${vm.name}`,
  organization: 'system:nodes',
  usages: ['client', 'server'],
  dnsNames: [vm.name],
  addresses: familiesOf(spec).map(family => addressOf(vm, family)),
})

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)]
