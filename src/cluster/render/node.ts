/** Kubernetes nodes: kubelet, kube-proxy, and the pod network's share of this node. */
import { anyAddress, hostPort, loopback } from '../address.ts'
import { nodePodRange, podRanges, serviceAddress } from '../networks.ts'
import { type OverlayFile, plain, secret, type TemplatedFile } from '../overlay-file.ts'
import { pem } from '../pki/pki.ts'
import { addressOf, familiesOf, hasRole, type VmSpec } from '../spec.ts'
import type { ClusterData } from './cluster-data.ts'
import { featureGates } from './control-plane.ts'
import { renderKubeconfig } from './kubeconfig.ts'
import { inVm, vmDir } from './vm-folder.ts'

export function renderNode(data: ClusterData, vm: VmSpec): (OverlayFile | TemplatedFile)[] {
  const { spec, pki } = data
  return [
    ...programs(data, vm),
    secret(inVm(vm, 'kubelet.kubeconfig'), renderKubeconfig(spec, pki, `kubelet-${vm.name}`)),
    secret(inVm(vm, 'kube-proxy.kubeconfig'), renderKubeconfig(spec, pki, 'kube-proxy')),
    plain(inVm(vm, 'pki/ca.crt'), pem(pki, 'ca.crt')),
    plain(inVm(vm, 'pki/kubelet.crt'), pem(pki, `kubelet-${vm.name}.crt`)),
    secret(inVm(vm, 'pki/kubelet.key'), pem(pki, `kubelet-${vm.name}.key`)),
  ]
}

function programs({ spec, timers }: ClusterData, vm: VmSpec): TemplatedFile[] {
  const families = familiesOf(spec)
  const [primary] = families
  const any = anyAddress(families.includes('IPv6') ? 'IPv6' : 'IPv4')
  const variables = {
    VM: vm.name,
    DIR: vmDir(vm),
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
    RANGES: JSON.stringify(families.map(family => [{ subnet: nodePodRange(family, vm.id) }])),
    MORE_FLAGS: featureGates(spec).join('\n'),
  }
  const from = (file: string, template: string): TemplatedFile => ({ path: inVm(vm, file), template, variables })
  return [
    from('kubelet.flags', 'etc/kubernetes/kubelet.flags.template'),
    from('kubelet.yaml', 'etc/kubernetes/kubelet.yaml.template'),
    from('kube-proxy.flags', 'etc/kubernetes/kube-proxy.flags.template'),
    from('bridge.conflist', 'etc/cni/bridge.conflist.template'),
  ]
}
