/** etcd's members: their configuration and certificates, and the URLs under which clients find them. */
import { loopback, url } from '../address.ts'
import { type OverlayFile, plain, secret, type TemplatedFile } from '../overlay-file.ts'
import { pem } from '../pki/pki.ts'
import { addressOf, type ClusterSpec, type VmSpec, withRole } from '../spec.ts'
import type { ClusterData } from './cluster-data.ts'
import { inVm, vmDir } from './vm-folder.ts'

export const etcdPorts = { client: 2379, peer: 2380, metrics: 2381 } as const

/** In the folder of a VM with a member: what etcdctl needs. */
export const etcdClient = {
  ca: 'pki/etcd-ca.crt',
  cert: 'pki/etcd-client.crt',
  key: 'pki/etcd-client.key',
} as const

const peerUrl = (spec: ClusterSpec, vm: VmSpec): string => url('https', addressOf(vm, spec.etcdFamily), etcdPorts.peer)

/** Of every member, in the order of the spec. */
export const etcdClientUrls = (spec: ClusterSpec): readonly string[] =>
  withRole(spec, 'etcd').map(vm => url('https', addressOf(vm, spec.etcdFamily), etcdPorts.client))

export function renderEtcd(data: ClusterData, vm: VmSpec): (OverlayFile | TemplatedFile)[] {
  const { spec, timers, pki } = data
  const local = loopback(spec.etcdFamily)
  const address = addressOf(vm, spec.etcdFamily)
  const members = withRole(spec, 'etcd')
  return [
    {
      path: inVm(vm, 'etcd.yaml'),
      template: 'etc/etcd/etcd.yaml.template',
      variables: {
        VM: vm.name,
        DIR: vmDir(vm),
        INITIAL_CLUSTER: members.map(member => `${member.name}=${peerUrl(spec, member)}`).join(','),
        PEER_URL: peerUrl(spec, vm),
        CLIENT_URL: url('https', address, etcdPorts.client),
        LOCAL_CLIENT_URL: url('https', local, etcdPorts.client),
        METRICS_URL: url('http', address, etcdPorts.metrics),
        LOCAL_METRICS_URL: url('http', local, etcdPorts.metrics),
        HEARTBEAT_MS: timers.etcd.heartbeatMs,
        ELECTION_MS: timers.etcd.electionMs,
      },
    },
    ...['etcd-ca.crt', 'etcd-peer-ca.crt'].map(file => plain(inVm(vm, `pki/${file}`), pem(pki, file))),
    ...['etcd-server', 'etcd-peer'].flatMap(name => [
      plain(inVm(vm, `pki/${name}.crt`), pem(pki, `${name}-${vm.name}.crt`)),
      secret(inVm(vm, `pki/${name}.key`), pem(pki, `${name}-${vm.name}.key`)),
    ]),
    // For etcdctl on this VM, and for clients outside of the VMs.
    plain(inVm(vm, etcdClient.cert), pem(pki, 'etcd-client.crt')),
    secret(inVm(vm, etcdClient.key), pem(pki, 'etcd-client.key')),
  ]
}
