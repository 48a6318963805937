/** Mistakes by which one apiserver cannot do what the others do, or none serves pods; most clients do not notice. */
import { serviceRanges } from '../networks.ts'
import { inVm, vmDir } from '../render/vm-folder.ts'
import type { VmSpec } from '../spec.ts'
import type { Defect } from './defect.ts'
import type { PatchedOverlay } from './patched-overlay.ts'

const apiserver = 'kube-apiserver.flags'

/** Not those that the serving certificates name. */
function changeServiceRanges(overlay: PatchedOverlay, vms: readonly VmSpec[]): void {
  const others = serviceRanges(overlay.spec).map(range =>
    range.replace(/^10\.96\./, '10.97.').replace('fd00:4000:', 'fd00:4001:'),
  )
  for (const file of [apiserver, 'kube-controller-manager.flags'])
    overlay.replaceIn(vms, file, [/^--service-cluster-ip-range=.*$/m, `--service-cluster-ip-range=${others.join(',')}`])
}

/** 32 bytes, as AES-CBC wants them; another for each VM. */
const encryption = ({ id }: VmSpec): string => `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - aescbc: { keys: [{ name: key1, secret: ${Buffer.alloc(32, id).toString('base64')} }] }
  - identity: {}
`

export const interchangeDefects: readonly Defect[] = [
  {
    name: 'sa-keys-differ',
    mistake: 'the second control-plane VM has service-account keys of its own',
    caughtBy: { scenario: 'what-pods-see', reason: 'pods-see-all' },
    plant(overlay) {
      for (const vm of overlay.vm('control-plane', 2)) {
        overlay.copy(inVm(vm, 'pki/kubelet.key'), inVm(vm, 'pki/sa.key'))
        overlay.copy(inVm(vm, 'pki/kubelet.crt'), inVm(vm, 'pki/sa.pub'))
      }
    },
  },
  {
    name: 'encryption-keys-differ',
    mistake: 'each apiserver encrypts secrets with a key of its own',
    caughtBy: { scenario: 'what-pods-see', reason: 'pods-see-all' },
    plant(overlay) {
      for (const vm of overlay.vms('control-plane')) {
        overlay.add(inVm(vm, 'encryption.yaml'), encryption(vm))
        overlay.replaceIn([vm], apiserver, [
          /^--allow-privileged=.*$/m,
          `$&\n--encryption-provider-config=${vmDir(vm)}/encryption.yaml`,
        ])
      }
    },
  },
  {
    name: 'serving-cert-without-service',
    mistake:
      'the service range was changed after the certificates were made, so that they do not name the service "kubernetes"',
    caughtBy: { scenario: 'what-pods-see', reason: 'pods-see-all' },
    plant: overlay => changeServiceRanges(overlay, overlay.vms('control-plane')),
  },
  {
    name: 'kubelet-client-refused',
    mistake: 'the second apiserver shows kubelets the certificate that it has for etcd',
    caughtBy: { scenario: 'what-pods-see', reason: 'pods-see-all' },
    plant: overlay =>
      overlay.replaceIn(overlay.vm('control-plane', 2), apiserver, [
        /^(--kubelet-client-\w+=.*)\/apiserver-kubelet-client\./gm,
        '$1/apiserver-etcd-client.',
      ]),
  },
  {
    name: 'service-ranges-differ',
    mistake: 'the second control-plane VM gives services addresses of another range',
    caughtBy: { scenario: 'soak', reason: 'redundant-everywhere' },
    plant: overlay => changeServiceRanges(overlay, overlay.vm('control-plane', 2)),
  },
]
