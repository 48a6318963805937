/**
 * What every VM has alike, none of it secret: names of all VMs, and the authorities that clients trust. And where
 * clients' keys are.
 */
import { type OverlayFile, plain } from '../overlay-file.ts'
import { servingAuthorities } from '../pki/certificate-plan.ts'
import { pem } from '../pki/pki.ts'
import { addressOf, type ClusterSpec, familiesOf, withRole } from '../spec.ts'
import type { ClusterData } from './cluster-data.ts'
import { adminKubeconfig } from './control-plane.ts'
import { etcdClient, etcdClientUrls } from './etcd.ts'
import { inVm } from './vm-folder.ts'

/** The authorities that clients of apiservers trust: paths from the root of every VM. */
export const trustFiles = {
  /** Now, one certificate or more: see the action trust-authorities. */
  ca: 'etc/k8s-ha/pki/ca.crt',
  /** Each serving authority, by its name. */
  authorities: 'etc/k8s-ha/pki/authorities',
} as const

/** What clients outside of the VMs need: paths in the unpacked overlay. Absent: the cluster has nothing to ask. */
export interface ClientFiles {
  /** The administrator's kubeconfig, as the first control-plane VM has it. */
  readonly kubeconfig?: string
  /** Of clients of etcd, as the first VM with a member has it. */
  readonly etcd?: { readonly ca: string; readonly cert: string; readonly key: string }
}

export function clientFilesOf(spec: ClusterSpec): ClientFiles {
  const [controlPlane] = spec.kubernetes === undefined ? [] : withRole(spec, 'control-plane')
  const [member] = withRole(spec, 'etcd')
  return {
    ...(controlPlane ? { kubeconfig: inVm(controlPlane, adminKubeconfig) } : {}),
    ...(member
      ? {
          etcd: {
            ca: inVm(member, etcdClient.ca),
            cert: inVm(member, etcdClient.cert),
            key: inVm(member, etcdClient.key),
          },
        }
      : {}),
  }
}

export function renderClients(data: ClusterData): OverlayFile[] {
  const { spec, pki } = data
  return [
    plain('etc/hosts', hosts(data)),
    plain('etc/k8s-ha/environment', environment(data)),
    ...(spec.kubernetes
      ? [
          plain(trustFiles.ca, pem(pki, 'ca.crt')),
          ...servingAuthorities.map(name => plain(`${trustFiles.authorities}/${name}.crt`, pem(pki, `${name}.crt`))),
        ]
      : []),
  ]
}

function hosts({ spec }: ClusterData): string {
  const lines = spec.vms.flatMap(vm => familiesOf(spec).map(family => `${addressOf(vm, family)} ${vm.name}`))
  const vips = spec.vips.map(vip => `${vip} vip`)
  return ['127.0.0.1 localhost', '::1 localhost', ...lines, ...vips, ''].join('\n')
}

/** As shell assignments; the wrapper of etcdctl reads it. The keys are on VMs with a member. */
function environment({ spec }: ClusterData): string {
  return [
    'folder=/etc/k8s-ha/$(uname -n)',
    'export ETCDCTL_API=3',
    `export ETCDCTL_ENDPOINTS=${etcdClientUrls(spec).join(',')}`,
    `export ETCDCTL_CACERT=$folder/${etcdClient.ca}`,
    `export ETCDCTL_CERT=$folder/${etcdClient.cert}`,
    `export ETCDCTL_KEY=$folder/${etcdClient.key}`,
    '',
  ].join('\n')
}
