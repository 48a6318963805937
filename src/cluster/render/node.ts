/** Kubernetes nodes: kubelet, kube-proxy, and what the CNI needs. */

import { anyAddress, hostPort, loopback } from '../address.ts'
import { cniOf } from '../cni/choose-cni.ts'
import { traitsOf } from '../kubernetes/versions.ts'
import { podRanges, serviceAddress } from '../networks.ts'
import { type OverlayFile, plain, secret, type TemplatedFile } from '../overlay-file.ts'
import { pem } from '../pki/pki.ts'
import { addressOf, familiesOf, hasRole, type VmSpec } from '../spec.ts'
import type { ClusterData } from './cluster-data.ts'
import { featureGateFlags } from './control-plane.ts'
import { apiserverUrl, apiUrl, renderKubeconfig } from './kubeconfig.ts'
import { otherVersion } from './other-version.ts'
import { inVm, vmDir } from './vm-folder.ts'

export function renderNode(data: ClusterData, vm: VmSpec): (OverlayFile | TemplatedFile)[] {
  const { spec, pki } = data
  return [
    ...programs(data, vm),
    ...otherVersion(data, programs, vm),
    ...cniOf(spec).files(spec, vm),
    secret(inVm(vm, 'kubelet.kubeconfig'), renderKubeconfig(spec, pki, `kubelet-${vm.name}`, apiOf(data, vm))),
    secret(inVm(vm, 'kube-proxy.kubeconfig'), renderKubeconfig(spec, pki, 'kube-proxy')),
    plain(inVm(vm, 'pki/ca.crt'), pem(pki, 'ca.crt')),
    plain(inVm(vm, 'pki/kubelet.crt'), pem(pki, `kubelet-${vm.name}.crt`)),
    secret(inVm(vm, 'pki/kubelet.key'), pem(pki, `kubelet-${vm.name}.key`)),
  ]
}

/** As kubeadm has it since 1.33, or for all nodes alike. */
const apiOf = ({ spec }: ClusterData, vm: VmSpec): string =>
  spec.nodeApi === 'local' && hasRole(vm, 'control-plane') ? apiserverUrl(spec, vm) : apiUrl(spec)

function programs({ spec, timers }: ClusterData, vm: VmSpec): TemplatedFile[] {
  const families = familiesOf(spec)
  const traits = traitsOf(spec.kubernetes)
  const [primary] = families
  const any = anyAddress(families.includes('IPv6') ? 'IPv6' : 'IPv4')
  const variables = {
    VM: vm.name,
    DIR: vmDir(vm),
    CONFIG_DIR: vmDir(vm),
    DOMAIN: spec.domain,
    ADDRESS: addressOf(vm, primary),
    ANY_ADDRESS: any,
    LOOPBACK: loopback(primary),
    NODE_IPS: families.map(family => addressOf(vm, family)).join(','),
    // Registered with the node: a taint that came later would find pods there.
    TAINTS: hasRole(vm, 'control-plane')
      ? '--register-with-taints=node-role.kubernetes.io/control-plane=:NoSchedule'
      : '# No taints.',
    CLUSTER_DNS: serviceAddress(primary, 10),
    STATUS_UPDATE_MS: timers.kubelet.statusUpdateMs,
    STATUS_REPORT_MS: timers.kubelet.statusReportMs,
    HEALTHZ: hostPort(any, 10256),
    METRICS: hostPort(loopback(primary), 10249),
    POD_RANGES: podRanges(spec).join(','),
    MODE: spec.kubeProxy,
    KUBELET_API: traits.kubeletConfigApi,
  }
  const gates = featureGateFlags(spec)
  const from = (file: string, more: Readonly<Record<string, string>> = {}): TemplatedFile => ({
    path: inVm(vm, file),
    template: `etc/kubernetes/${file}.template`,
    variables: { ...variables, ...more },
  })
  return [
    from('kubelet.flags', { MORE_FLAGS: [...traits.kubeletFlags, ...gates].join('\n') }),
    from('kubelet.yaml', { MORE_CONFIG: traits.kubeletConfig.join('\n') }),
    from('kube-proxy.flags', { MORE_FLAGS: gates.join('\n') }),
  ]
}
