/** The settings of a cluster as task types get them: `with: { cluster: { family: …, masters: … } }`. */
import * as v from 'valibot'
import type { Result } from '../platform/result.ts'
import { buildSpec, type OtherOn } from './build-spec.ts'
import { defaultCni } from './cni/choose-cni.ts'
import { newestKnown } from './kubernetes/versions.ts'
import type { ClusterSpec, KubeProxyMode, NodeApi, OtherVersions } from './spec.ts'

/** Parameters arrive as what YAML or the command line made of them: "193" and 193 mean the same list of VMs. */
const text = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String))

const count = v.pipe(text, v.regex(/^\d+$/, 'a whole number'), v.transform(Number))

/** As the ancestor's users write them: "yes" and "1" too. */
export const flag = v.pipe(
  text,
  v.transform(word => word.toLowerCase()),
  v.picklist(['true', 'yes', '1', 'false', 'no', '0', ''], 'true or false'),
  v.transform(word => ['true', 'yes', '1'].includes(word)),
)

export const clusterSchema = v.strictObject({
  family: v.picklist(['IPv4', 'IPv6', 'dual']),
  etcd_family: v.optional(v.picklist(['IPv4', 'IPv6', '']), ''),
  topology: v.optional(v.picklist(['external', 'stacked']), 'external'),
  etcd_vms: text,
  lb_vms: text,
  masters: text,
  nvm: count,
  nrouters: v.optional(count, 0),
  ntesters: v.optional(count, 0),
  prefix: v.optional(v.string(), 'fd00::'),
  domain: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'a domain name')), 'cluster.local'),
  last_node: v.optional(count, 190),
  lb_ip: v.optional(v.string(), ''),
  k8s_disable: v.optional(flag, false),
  etcd_disk: v.optional(count, 0),
})

export type ClusterWith = v.InferOutput<typeof clusterSchema>

/** What is on the VMs, which the certificates do not depend on. */
export interface OnVms {
  /** Whether the load balancers will have it. */
  readonly keepalived: boolean
  /** The version, where there is Kubernetes. */
  readonly kubernetes?: string | undefined
  readonly cni?: string
  readonly other?: OtherVersions | undefined
  readonly otherOn?: OtherOn | undefined
  readonly kubeProxy?: KubeProxyMode
  readonly nodeApi?: NodeApi
}

export const specOf = (cluster: ClusterWith, on: OnVms): Result<ClusterSpec> =>
  buildSpec({
    family: cluster.family,
    etcdFamily: cluster.etcd_family,
    topology: cluster.topology,
    etcdVms: cluster.etcd_vms,
    lbVms: cluster.lb_vms,
    masters: cluster.masters,
    nvm: cluster.nvm,
    nrouters: cluster.nrouters,
    ntesters: cluster.ntesters,
    prefix: cluster.prefix,
    domain: cluster.domain,
    lastNode: cluster.last_node,
    lbIp: cluster.lb_ip,
    k8sDisable: cluster.k8s_disable,
    etcdDisk: cluster.etcd_disk,
    keepalived: on.keepalived,
    kubernetes: on.kubernetes ?? newestKnown,
    cni: on.cni ?? defaultCni,
    other: on.other,
    otherOn: on.otherOn,
    kubeProxy: on.kubeProxy ?? 'iptables',
    nodeApi: on.nodeApi ?? 'vip',
  })
