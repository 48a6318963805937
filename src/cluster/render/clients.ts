/** What every VM has alike: names of all VMs, and what kubectl and etcdctl need. */
import { type OverlayFile, plain, secret } from '../overlay-file.ts'
import { servingAuthorities } from '../pki/certificate-plan.ts'
import { pem } from '../pki/pki.ts'
import { addressOf, familiesOf, withRole } from '../spec.ts'
import type { ClusterData } from './cluster-data.ts'
import { etcdClientUrls } from './etcd.ts'
import { renderKubeconfig } from './kubeconfig.ts'

/** Paths from the root of a VM or of the unpacked overlay, for clients outside of the VMs. */
export const clientFiles = {
  kubeconfig: 'etc/kubernetes/admin.conf',
  /** What is in the kubeconfig, for clients that cannot read one. */
  adminCert: 'etc/k8s-ha/pki/admin.crt',
  adminKey: 'etc/k8s-ha/pki/admin.key',
  /** Whom clients of apiservers trust now, one certificate or more: see the action trust-authorities. */
  ca: 'etc/k8s-ha/pki/ca.crt',
  /** Of each serving authority, by its name. */
  authorities: 'etc/k8s-ha/pki/authorities',
  etcdCa: 'etc/k8s-ha/pki/etcd-ca.crt',
  etcdCert: 'etc/k8s-ha/pki/etcd-client.crt',
  etcdKey: 'etc/k8s-ha/pki/etcd-client.key',
} as const

export function renderClients(data: ClusterData): OverlayFile[] {
  const { spec, pki } = data
  return [
    plain('etc/hosts', hosts(data)),
    plain('etc/k8s-ha/environment', environment(data)),
    ...(withRole(spec, 'etcd').length > 0
      ? [
          plain(clientFiles.etcdCa, pem(pki, 'etcd-ca.crt')),
          plain(clientFiles.etcdCert, pem(pki, 'etcd-client.crt')),
          secret(clientFiles.etcdKey, pem(pki, 'etcd-client.key')),
        ]
      : []),
    ...(spec.kubernetes
      ? [
          plain(clientFiles.ca, pem(pki, 'ca.crt')),
          ...servingAuthorities.map(name => plain(`${clientFiles.authorities}/${name}.crt`, pem(pki, `${name}.crt`))),
          plain(clientFiles.adminCert, pem(pki, 'admin.crt')),
          secret(clientFiles.adminKey, pem(pki, 'admin.key')),
          secret(clientFiles.kubeconfig, renderKubeconfig(spec, pki, 'admin')),
        ]
      : []),
  ]
}

function hosts({ spec }: ClusterData): string {
  const lines = spec.vms.flatMap(vm => familiesOf(spec).map(family => `${addressOf(vm, family)} ${vm.name}`))
  const vips = spec.vips.map(vip => `${vip} vip`)
  return ['127.0.0.1 localhost', '::1 localhost', ...lines, ...vips, ''].join('\n')
}

/** As shell assignments; the wrapper of etcdctl reads it. */
function environment({ spec }: ClusterData): string {
  return [
    'export ETCDCTL_API=3',
    `export ETCDCTL_ENDPOINTS=${etcdClientUrls(spec).join(',')}`,
    `export ETCDCTL_CACERT=/${clientFiles.etcdCa}`,
    `export ETCDCTL_CERT=/${clientFiles.etcdCert}`,
    `export ETCDCTL_KEY=/${clientFiles.etcdKey}`,
    '',
  ].join('\n')
}
