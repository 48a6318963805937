/** Mistakes in the configuration of the control plane and its clients. */
import { hostPort } from '../address.ts'
import { adminKubeconfig } from '../render/control-plane.ts'
import { inVm } from '../render/vm-folder.ts'
import { addressOf, familiesOf, nodes, withRole } from '../spec.ts'
import type { Defect } from './defect.ts'
import type { PatchedOverlay } from './patched-overlay.ts'

const apiserver = 'kube-apiserver.flags'
const flag = (name: string, value: string) => [new RegExp(`^--${name}=.*$`, 'm'), `--${name}=${value}`] as const

function pointToFirst(overlay: PatchedOverlay, paths: readonly string[]): void {
  for (const vm of overlay.vm('control-plane', 1)) {
    const server = `https://${hostPort(addressOf(vm, familiesOf(overlay.spec)[0]), 6443)}`
    for (const path of paths) overlay.replace(path, /^( *server: ).*$/m, `$1${server}`)
  }
}

export const controlPlaneDefects: readonly Defect[] = [
  {
    name: 'clients-bypass-vip',
    mistake: 'kubeconfigs point to the first control-plane VM instead of the VIP',
    caughtBy: { scenario: 'control-plane-stop', reason: 'api-works' },
    plant: overlay =>
      pointToFirst(overlay, [
        ...withRole(overlay.spec, 'control-plane').map(vm => inVm(vm, adminKubeconfig)),
        ...nodes(overlay.spec).flatMap(vm => ['kubelet', 'kube-proxy'].map(name => inVm(vm, `${name}.kubeconfig`))),
      ]),
  },
  {
    name: 'apiserver-one-etcd',
    mistake: 'the apiservers know one etcd member only',
    caughtBy: { scenario: 'etcd-members-away', reason: 'writes' },
    plant: overlay =>
      overlay.replaceIn(overlay.vms('control-plane'), apiserver, [/^(--etcd-servers=[^,\n]*),.*$/m, '$1']),
  },
  {
    name: 'apiserver-own-etcd',
    mistake: 'each apiserver knows an etcd member of its own only',
    caughtBy: { scenario: 'etcd-members-away', reason: 'reads-disturbed' },
    plant(overlay) {
      const members = overlay.vms('etcd').length
      for (const [index, vm] of overlay.vms('control-plane').entries())
        overlay.replaceIn([vm], apiserver, [
          new RegExp(`^--etcd-servers=(?:[^,\\n]*,){${index % members}}([^,\\n]*).*$`, 'm'),
          '--etcd-servers=$1',
        ])
    },
  },
  {
    name: 'certificate-without-vip',
    mistake: "the apiservers' serving certificate does not name the VIP",
    caughtBy: { scenario: 'soak', reason: 'probes' },
    plant(overlay) {
      // A node's own certificate: of the same authority, and good for the VM's address and name only.
      overlay.replaceIn(overlay.vms('control-plane'), apiserver, [
        /^--tls-cert-file=(.*)\/apiserver\.pem\n--tls-private-key-file=.*\/apiserver\.pem$/m,
        '--tls-cert-file=$1/kubelet.crt\n--tls-private-key-file=$1/kubelet.key',
      ])
    },
  },
  {
    name: 'no-shutdown-delay',
    mistake: 'an apiserver that ends refuses requests at once, before haproxy notices',
    caughtBy: { scenario: 'apiserver-term', reason: 'failed-reads' },
    plant: overlay => overlay.replaceIn(overlay.vms('control-plane'), apiserver, flag('shutdown-delay-duration', '0s')),
  },
  {
    name: 'no-endpoint-reconciler',
    mistake: 'the endpoints of the service "kubernetes" do not follow the apiservers',
    caughtBy: { scenario: 'control-plane-away', reason: 'endpoints-follow' },
    plant: overlay =>
      overlay.replaceIn(overlay.vms('control-plane'), apiserver, flag('endpoint-reconciler-type', 'none')),
  },
  {
    name: 'controller-manager-no-election',
    mistake: 'every controller-manager believes itself the only one',
    caughtBy: { scenario: 'controller-manager-pause', reason: 'probes' },
    plant: overlay =>
      overlay.replaceIn(overlay.vms('control-plane'), 'kube-controller-manager.flags', flag('leader-elect', 'false')),
  },
  {
    name: 'scheduler-no-election',
    mistake: 'every scheduler believes itself the only one',
    caughtBy: { scenario: 'scheduler-pause', reason: 'probes' },
    plant: overlay =>
      overlay.replaceIn(overlay.vms('control-plane'), 'kube-scheduler.flags', flag('leader-elect', 'false')),
  },
  {
    name: 'long-leases',
    mistake: 'the lease of the controller-manager lasts two minutes',
    caughtBy: { scenario: 'controller-manager-pause', reason: 'lease-held' },
    plant: overlay =>
      overlay.replaceIn(
        overlay.vms('control-plane'),
        'kube-controller-manager.flags',
        flag('leader-elect-lease-duration', '120s'),
      ),
  },
]
