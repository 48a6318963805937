/**
 * Kubeconfigs. All of them point to the VIP, unless `node_api` says otherwise for kubelets, also those of controller-manager and scheduler: a control-plane VM whose
 * apiserver alone is gone keeps its controllers, and nothing but the load balancers has to know where apiservers are.
 * The price is that an LB failover must be shorter than their renew deadline (10 s), which it is.
 */
import { url } from '../address.ts'
import { type Pki, pem } from '../pki/pki.ts'
import { addressOf, type ClusterSpec, familiesOf, type VmSpec } from '../spec.ts'
import { apiPort } from './load-balancer.ts'

/** Where clients find the API. */
export function apiUrl(spec: ClusterSpec): string {
  const [vip] = spec.vips
  if (vip === undefined) throw new Error('a cluster without load balancers has no VIP')
  return url('https', vip, apiPort)
}

/** One apiserver by itself, past the load balancers. */
export const apiserverUrl = (spec: ClusterSpec, vm: VmSpec): string =>
  url('https', addressOf(vm, familiesOf(spec)[0]), apiPort)

/** With the certificates inside, so that the file works wherever it is copied to. */
export function renderKubeconfig(spec: ClusterSpec, pki: Pki, certificate: string, server = apiUrl(spec)): string {
  const data = (file: string) => Buffer.from(pem(pki, file)).toString('base64')
  return `apiVersion: v1
kind: Config
clusters:
- name: k8s-ha
  cluster:
    server: ${server}
    certificate-authority-data: ${data('ca.crt')}
users:
- name: ${certificate}
  user:
    client-certificate-data: ${data(`${certificate}.crt`)}
    client-key-data: ${data(`${certificate}.key`)}
contexts:
- name: k8s-ha
  context: { cluster: k8s-ha, user: ${certificate} }
current-context: k8s-ha
`
}
