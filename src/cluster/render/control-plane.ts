/** Control-plane VMs: flags, kubeconfigs and keys of apiserver, controller-manager and scheduler. */
import { anyAddress, loopback } from '../address.ts'
import { cniOf } from '../cni/choose-cni.ts'
import { traitsOf } from '../kubernetes/versions.ts'
import { allocatedPodRanges, serviceRanges } from '../networks.ts'
import { type OverlayFile, plain, secret, type TemplatedFile } from '../overlay-file.ts'
import { pem } from '../pki/pki.ts'
import { addressOf, type ClusterSpec, familiesOf, type VmSpec } from '../spec.ts'
import { apiserverEndFlags } from './apiserver-end.ts'
import type { ClusterData } from './cluster-data.ts'
import { etcdClientUrls } from './etcd.ts'
import { renderKubeconfig } from './kubeconfig.ts'
import { otherVersion } from './other-version.ts'
import { inVm, vmDir } from './vm-folder.ts'

const clientCertificates = ['apiserver-etcd-client', 'apiserver-kubelet-client', 'front-proxy-client']

/** In the VM's folder; overlay/etc/init.d/40control-plane.rc makes it /etc/kubernetes/admin.conf. */
export const adminKubeconfig = 'admin.kubeconfig'

/** In the VM's folder: with what the apiserver serves, and with what it serves once that has been renewed, by the same or
 * by the other authority. */
export const servingFiles = {
  inUse: 'pki/apiserver.pem',
  next: 'pki/next/apiserver.pem',
  otherAuthority: 'pki/next/apiserver-by-other-authority.pem',
} as const

export function renderControlPlane(data: ClusterData, vm: VmSpec): (OverlayFile | TemplatedFile)[] {
  const { spec, pki } = data
  const serving = (file: string, name: string) =>
    secret(inVm(vm, file), pem(pki, `${name}.crt`) + pem(pki, `${name}.key`))
  return [
    ...flags(data, vm),
    ...otherVersion(data, flags, vm),
    ...['controller-manager', 'scheduler'].map(name =>
      secret(inVm(vm, `${name}.kubeconfig`), renderKubeconfig(spec, pki, name)),
    ),
    // As kubeadm has it: beside those who run the control plane, nobody needs the administrator's.
    secret(inVm(vm, adminKubeconfig), renderKubeconfig(spec, pki, 'admin')),
    ...['ca.crt', 'etcd-ca.crt', 'front-proxy-ca.crt', 'sa.pub'].map(file =>
      plain(inVm(vm, `pki/${file}`), pem(pki, file)),
    ),
    secret(inVm(vm, 'pki/sa.key'), pem(pki, 'sa.key')),
    // Certificate and key in one file, so that a renewal replaces both at once.
    serving(servingFiles.inUse, 'apiserver'),
    serving(servingFiles.next, 'apiserver-next'),
    serving(servingFiles.otherAuthority, 'apiserver-next-ca'),
    ...clientCertificates.flatMap(name => [
      plain(inVm(vm, `pki/${name}.crt`), pem(pki, `${name}.crt`)),
      secret(inVm(vm, `pki/${name}.key`), pem(pki, `${name}.key`)),
    ]),
  ]
}

function flags({ spec, timers }: ClusterData, vm: VmSpec): TemplatedFile[] {
  const [primary] = familiesOf(spec)
  const { leaderElection, nodeMonitor } = timers
  const variables = {
    VM: vm.name,
    DIR: vmDir(vm),
    DOMAIN: spec.domain,
    ADDRESS: addressOf(vm, primary),
    // Any address of both families: a dual-stack cluster is reached by both.
    ANY_ADDRESS: anyAddress(familiesOf(spec).includes('IPv6') ? 'IPv6' : 'IPv4'),
    LOOPBACK: loopback(primary),
    SERVICE_RANGES: serviceRanges(spec).join(','),
    ETCD_SERVERS: etcdClientUrls(spec).join(','),
    LEASE_MS: leaderElection.leaseMs,
    RENEW_DEADLINE_MS: leaderElection.renewDeadlineMs,
    RETRY_PERIOD_MS: leaderElection.retryPeriodMs,
    NODE_MONITOR_PERIOD_MS: nodeMonitor.periodMs,
    NODE_MONITOR_GRACE_MS: nodeMonitor.graceMs,
    NODE_RANGES: nodeRanges(spec).join('\n'),
  }
  const gates = featureGateFlags(spec)
  const noInsecurePort = traitsOf(spec.kubernetes).noInsecurePort
  const more: Readonly<Record<string, readonly string[]>> = {
    'kube-apiserver': [...apiserverEndFlags(spec, timers), ...gates],
    'kube-controller-manager': [...noInsecurePort, ...gates],
    'kube-scheduler': [...noInsecurePort, ...gates],
  }
  return ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map(program => ({
    path: inVm(vm, `${program}.flags`),
    template: `etc/kubernetes/${program}.flags.template`,
    variables: { ...variables, MORE_FLAGS: (more[program] ?? gates).join('\n') },
  }))
}

const nodeRanges = (spec: ClusterSpec): readonly string[] =>
  cniOf(spec).nodeRanges === 'rendered'
    ? ["# Each node's pod range is written into its CNI configuration.", '--allocate-node-cidrs=false']
    : ['--allocate-node-cidrs=true', `--cluster-cidr=${allocatedPodRanges(spec).join(',')}`]

/** The same for every program. */
export const featureGateFlags = (spec: ClusterSpec): readonly string[] =>
  spec.family === 'dual' ? traitsOf(spec.kubernetes).dualStackGates.map(gate => `--feature-gates=${gate}`) : []
