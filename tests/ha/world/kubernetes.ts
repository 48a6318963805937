/** Kubernetes in memory: apiservers that need etcd, reached by way of the VIP or straight. */

import { hostPort } from '../../../src/cluster/address.ts'
import { traitsOf } from '../../../src/cluster/kubernetes/versions.ts'
import { leases } from '../../../src/cluster/leases.ts'
import { serviceAddress } from '../../../src/cluster/networks.ts'
import { apiserverUrl, apiUrl } from '../../../src/cluster/render/kubeconfig.ts'
import { addressOf, familiesOf, nodes } from '../../../src/cluster/spec.ts'
import type { Output } from '../../../src/drivers/driver.ts'
import type { FakeVm } from '../../../src/drivers/fake/fake-vm.ts'
import { serves } from './etcd.ts'
import { vipHolders } from './network.ts'
import { type Parts, type Programs, reaches, runs } from './parts.ts'

export const isReady = (world: Parts, vm: FakeVm): boolean =>
  runs(vm, 'kube-apiserver') && world.withRole('etcd').some(member => reaches(vm, member) && serves(world, member))

/** The apiserver that answers at that URL, as seen from a VM or a client. */
export function apiserverAt(world: Parts, from: FakeVm | undefined, at: string): FakeVm | undefined {
  const ready = world.withRole('control-plane').filter(vm => isReady(world, vm))
  const straight = world.withRole('control-plane').find(vm => at.startsWith(apiserverUrl(world.spec, vm.spec)))
  if (straight) return reaches(from, straight) && runs(straight, 'kube-apiserver') ? straight : undefined
  const balancer = vipHolders(world).find(vm => reaches(from, vm))
  return balancer && ready.find(vm => reaches(balancer, vm))
}

/** The first that works, of the processes that would lead. */
const holderOf = (world: Parts, lease: string): FakeVm | undefined =>
  world.withRole('control-plane').find(vm => runs(vm, lease) && isReady(world, vm))

/** By path, what a healthy API answers. */
export const objects = (world: Parts): Readonly<Record<string, object>> => {
  const [family] = familiesOf(world.spec)
  const ready = world.withRole('control-plane').filter(vm => vm.isRunning)
  const lease = (name: string) => ({
    metadata: { name },
    spec: {
      holderIdentity: `${holderOf(world, name)?.spec.name}_8f7c`,
      renewTime: new Date(world.clock.now()).toISOString(),
    },
  })
  const leasesPath = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'
  return {
    '/api/v1/nodes': {
      items: nodes(world.spec).map(({ id, name }) => ({
        metadata: { name },
        status: {
          conditions: [
            {
              type: 'Ready',
              status: runs(world.vm(id), 'kubelet') ? 'True' : 'Unknown',
              lastHeartbeatTime: new Date(world.clock.now()).toISOString(),
            },
          ],
        },
      })),
    },
    '/api/v1/namespaces': {
      items: ['default', 'kube-node-lease', 'kube-public', 'kube-system'].map(name => ({ metadata: { name } })),
    },
    '/api/v1/namespaces/default/endpoints/kubernetes': {
      subsets: [{ addresses: ready.map(({ spec }) => ({ ip: addressOf(spec, family) })) }],
    },
    [`/apis/${traitsOf(world.spec.kubernetes).endpointSliceApi}/namespaces/default/endpointslices`]: {
      items: [{ endpoints: ready.map(({ spec }) => ({ addresses: [addressOf(spec, family)] })) }],
    },
    '/api/v1/namespaces/default/pods': {
      items: [
        {
          metadata: {
            ...{ name: 'test-app-1', uid: 'one' },
            creationTimestamp: new Date(world.clock.now() - 90_000).toISOString(),
          },
          spec: { nodeName: 'vm-003' },
          status: {
            ...{ phase: 'Running', podIP: '10.244.3.2', podIPs: [{ ip: '10.244.3.2' }] },
            conditions: [{ type: 'Ready', status: 'True' }],
          },
        },
      ],
    },
    '/api/v1/namespaces/default/services/kubernetes': { spec: { clusterIP: serviceAddress(family, 1) } },
    '/api/v1/namespaces/default/services/test-app': { spec: { clusterIP: '10.96.0.7', ports: [] } },
    [leasesPath]: { items: leases.map(lease) },
    ...Object.fromEntries(leases.map(name => [`${leasesPath}/${name}`, lease(name)])),
    ...Object.fromEntries(world.served),
  }
}

const late: Partial<Output> = { exitCode: 28, stderr: 'curl: (28) Connection timed out after 5001 milliseconds\n' }

/** The only pod answers, whatever it is asked for. */
const answersInPod = (argv: readonly string[]): string =>
  argv.includes('hostname')
    ? 'test-app-1\n'
    : argv.flatMap(arg => (arg.startsWith('http://') ? [`${arg} test-app-1\n`] : [])).join('')

/** As nft prints what kube-proxy wrote. */
const nftTable = (to: readonly string[]): string =>
  [
    'table ip kube-proxy {',
    ...to.flatMap(address => [
      `\tchain endpoint-5OJB2KTY-default/kubernetes/tcp/https__${address.replace(/:\d+$/, '')}/6443 {`,
      `\t\tip saddr ${address} jump mark-for-masquerade`,
      `\t\tmeta l4proto tcp dnat to ${address}:6443`,
      '\t}',
      '',
    ]),
    '\tchain endpoint-XXXXXXXX-default/other/tcp/__10.244.3.2/80 {',
    '\t\tmeta l4proto tcp dnat to 10.244.3.2:80',
    '\t}',
    '}',
    '',
  ].join('\n')

/** One question: its URL is the last word. */
export function curlOnce(world: Parts, vm: FakeVm | undefined, argv: readonly string[]): Partial<Output> {
  const at = argv.at(-1) ?? ''
  const apiserver = apiserverAt(world, vm, at)
  if (apiserver === undefined) return late
  const { pathname } = new URL(at)
  if (argv.includes('%{certs}')) return { stdout: apiserver.files.get('/served') ?? '' }
  if (pathname === '/readyz') {
    if (isReady(world, apiserver)) return { stdout: 'ok' }
    return {
      exitCode: 22,
      stdout: '[+]ping ok\n[-]etcd failed: reason withheld\n',
      stderr: 'curl: (22) error: 500\n',
    }
  }
  if (!isReady(world, apiserver)) return late
  const object = objects(world)[pathname]
  if (object) return { stdout: JSON.stringify(object) }
  const stdout = JSON.stringify({ kind: 'Status', message: `"${pathname}" not found` })
  return { exitCode: 22, stdout, stderr: 'curl: (22) error: 404\n' }
}

export function kubernetesPrograms(world: Parts): Programs {
  const kubectl = (vm: FakeVm | undefined, argv: readonly string[]): Partial<Output> => {
    const [server] = argv.flatMap(arg => (arg.startsWith('--server=') ? [arg.slice('--server='.length)] : []))
    const apiserver = apiserverAt(world, vm, server ?? apiUrl(world.spec))
    if (apiserver === undefined || !isReady(world, apiserver))
      return { exitCode: 1, stderr: 'Unable to connect to the server: net/http: request canceled\n' }
    if (argv.includes('exec') && apiserver.files.has('/refused-by-kubelets'))
      return { exitCode: 1, stderr: 'error: unable to upgrade connection: Unauthorized\n' }
    if (argv.includes('exec')) return { stdout: answersInPod(argv) }
    if (argv.includes('configmaps')) return { stdout: apiserver.files.get('/configmaps') ?? '' }
    return { stdout: argv.includes('get') ? 'node/vm-001\n' : 'done\n' }
  }
  /** As kube-proxy wrote them: to the apiservers that run. */
  const rules = () => {
    const [family] = familiesOf(world.spec)
    const ready = world.withRole('control-plane').filter(vm => vm.isRunning)
    const to = ready.map(({ spec }) => addressOf(spec, family)).map(one => (one.includes(':') ? `[${one}]` : one))
    const line = (address: string) =>
      `-A KUBE-SEP-X --comment "default/kubernetes:https" -j DNAT --to-destination ${address}:6443`
    if (world.spec.kubeProxy === 'nftables') return { stdout: nftTable(to) }
    return { stdout: ['*nat', ...to.map(line), 'COMMIT', ''].join('\n') }
  }
  const haproxy = (vm: FakeVm | undefined): Partial<Output> => {
    const [family] = familiesOf(world.spec)
    const rows = world.withRole('control-plane').map(({ spec, isRunning }) => {
      const address = hostPort(addressOf(spec, family), 6443)
      return `apiservers,${spec.name},${isRunning ? '3,UP' : '0,DOWN'},${address}`
    })
    const isAsked = vm !== undefined && runs(vm, 'haproxy')
    return isAsked
      ? { stdout: ['# pxname,svname,scur,status,addr', ...rows, 'apiservers,BACKEND,3,UP,', ''].join('\n') }
      : { exitCode: 1, stderr: 'socat: E connect: Connection refused\n' }
  }
  /** "grep … -r /etc/k8s-ha": what each kubeconfig names. */
  const kubeconfigs = (vm: FakeVm | undefined): Partial<Output> => {
    const server = vm?.files.get('/api') ?? apiUrl(world.spec)
    const line = (name: string) => `/etc/k8s-ha/${vm?.spec.name}/${name}.kubeconfig:    server: ${server}\n`
    return { stdout: ['kubelet', 'kube-proxy'].map(line).join('') }
  }
  return [
    ['grep', ({ vm }) => kubeconfigs(vm)],
    ['kubectl', ({ vm, argv }) => kubectl(vm, argv)],
    ['iptables-save', rules],
    ['nft', rules],
    ['ip6tables-save', rules],
    ['socat', ({ vm }) => haproxy(vm)],
    ['kube-apiserver', () => ({ stdout: 'Kubernetes v1.20.2\n' })],
    ['haproxy', () => ({ stdout: 'HAProxy version 2.6.12\n' })],
  ]
}
