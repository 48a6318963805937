/** What the checks of Kubernetes see: where all is well, where something is not, and where nobody answers. */

import { issuePki } from '../../src/cluster/pki/issue-pki.ts'
import { servingFiles } from '../../src/cluster/render/control-plane.ts'
import { inVm } from '../../src/cluster/render/vm-folder.ts'
import { specWith } from '../cluster-data/sample.ts'
import { hangs, looks, stops } from './observe.ts'
import { objects } from './world/kubernetes.ts'
import type { World } from './world/world.ts'

const noKubectl = /^Cannot run kubectl: no worker or control-plane VM is running$/
const nodes = [1, 2, 3, 4]

/** The API says that, whatever it is asked. */
const says = (object: object) => (world: World) => world.answer('curl', { stdout: JSON.stringify(object) })

for (const check of [
  'api-works',
  'endpoints-follow',
  'namespaces-exist',
  'nodes-ready',
  'pods-connected',
  'pods-stayed',
])
  looks(check, 'says when kubectl is nowhere', { when: stops(...nodes), holds: false, sees: noKubectl })
for (const check of ['leases-renewed', 'quiet-watch-holds'])
  looks(check, 'says when kubectl is nowhere', { when: stops(...nodes), holds: false, sees: noKubectl })
for (const check of [
  'endpoints-follow',
  'leases-renewed',
  'namespaces-exist',
  'nodes-ready',
  'pods-connected',
  'pods-stayed',
]) {
  looks(check, 'says that the API is silent', {
    when: stops(191, 192),
    holds: false,
    sees: /^curl: \(28\) Connection timed out/,
  })
  looks(check, 'says that its question hangs', {
    when: hangs('curl'),
    holds: false,
    sees: /still running after \d+ ms/,
  })
}

looks('api-works', 'holds when the API answers in a row', {
  options: { times: 3 },
  holds: true,
  sees: /^3 answers on vm-003 in 0\.0 s, the slowest in 0 ms$/,
})
looks('api-works', 'counts the answers before the one that failed', {
  when(world: World) {
    let asked = 0
    world.driver.programs.set('kubectl', () => (++asked < 5 ? {} : { exitCode: 1, stderr: 'Unable to connect\n' }))
  },
  holds: false,
  sees: /^4 answers on vm-003, then: Unable to connect$/,
})
looks('api-works', 'asks from a control-plane VM when no worker runs', {
  when: stops(3, 4),
  holds: true,
  sees: /on vm-001/,
})
looks('api-works', 'does not hold when an answer hangs', {
  when: hangs('kubectl'),
  holds: false,
  sees: /^0 answers on vm-003, then: .*still running after 6000 ms/,
})

looks('quiet-watch-holds', 'holds when the apiserver ends the watch', {
  holds: true,
  sees: /^open for 8 s, then ended/,
})
looks('quiet-watch-holds', 'says how the watch was cut', {
  when: (world: World) => world.answer('kubectl', { exitCode: 1, stderr: 'error: unexpected EOF\n' }),
  holds: false,
  sees: /^cut: error: unexpected EOF$/,
})

looks('apiservers-ready', 'holds when each says so', { holds: true, sees: /^vm-001 ready, vm-002 ready$/ })
looks('apiservers-ready', 'asks only those that run', { when: stops(1), holds: true, sees: /^vm-002 ready$/ })
looks('apiservers-ready', 'names what is not ready', {
  when: stops(193, 194),
  holds: false,
  sees: /^vm-001 not ready: etcd, vm-002 not ready: etcd$/,
})
looks('apiservers-ready', 'says when none runs', {
  when: stops(1, 2),
  holds: false,
  sees: /^no control-plane VM is running$/,
})
looks('apiservers-ready', 'does not hold when one hangs', {
  when: hangs('curl'),
  holds: false,
  sees: /^vm-001 .*still running after 10000 ms/,
})

const pki = await issuePki(specWith(), Date.parse('2026-01-01'))
const certificate = (name: string) => `${pki.get(`${name}.crt`)}${pki.get(`${name}.key`)}`
/** What lies on the VMs, and what the apiservers serve; another one on the first VM. */
const serve = (inPlace: string, served: string) => (world: World) => {
  for (const vm of world.withRole('control-plane')) {
    vm.files.set(`/${inVm(vm.spec, servingFiles.inUse)}`, certificate(inPlace))
    vm.files.set('/served', certificate(vm.spec.id === 1 ? served : inPlace))
  }
}
looks('certificate-served', 'holds when each serves what lies on its VM', {
  when: serve('apiserver', 'apiserver'),
  holds: true,
  sees: /^vm-001 serves [0-9a-f]{8}, vm-002 serves [0-9a-f]{8}$/,
})
looks('certificate-served', 'names the one that serves another', {
  when: serve('apiserver-next', 'apiserver'),
  holds: false,
  sees: /^vm-001 serves [0-9a-f]{8} instead of [0-9a-f]{8}, vm-002 serves [0-9a-f]{8}$/,
})
looks('certificate-served', 'names the VIP that is not in the certificate', {
  settings: { lbIp: '192.168.1.210' },
  when: serve('apiserver', 'apiserver'),
  holds: false,
  sees: /which does not name 192\.168\.1\.210/,
})
looks('certificate-served', 'says when there is no certificate on the VM', {
  holds: false,
  sees: /^vm-001: Cannot read the serving certificate on "vm-001"/,
})
looks('certificate-served', 'says when none runs', {
  when: stops(1, 2),
  holds: false,
  sees: /^no control-plane VM is running$/,
})

looks('endpoints-follow', 'holds when API and kube-proxy know the apiservers that run', {
  holds: true,
  sees: /^endpoints 192\.168\.1\.1, 192\.168\.1\.2$/,
})
looks('endpoints-follow', 'holds over IPv6', { settings: { family: 'IPv6' }, holds: true, sees: /^endpoints fd00::/ })
looks('endpoints-follow', 'does not hold while the API names one that is stopped', {
  async when(world: World) {
    const before = objects(world)['/api/v1/namespaces/default/endpoints/kubernetes'] ?? {}
    await world.vm(1).stop()
    says(before)(world)
  },
  holds: false,
  sees: /^endpoints 192\.168\.1\.1, 192\.168\.1\.2; endpoint slices empty$/,
})
looks('endpoints-follow', 'reads the rules of nftables', {
  settings: { kubeProxy: 'nftables', kubernetes: '1.36.3' },
  holds: true,
  sees: /^endpoints 192\.168\.1\.1, 192\.168\.1\.2$/,
})
looks('endpoints-follow', 'names the node whose rules of nftables are behind', {
  settings: { kubeProxy: 'nftables', kubernetes: '1.36.3' },
  when: (world: World) => world.answer('nft', { stdout: 'table ip kube-proxy {\n}\n' }),
  holds: false,
  sees: /; vm-003 sends to nobody; vm-004 sends to nobody$/,
})
looks('endpoints-follow', 'names the node whose kube-proxy is behind', {
  when: (world: World) => world.answer('iptables-save', { stdout: '' }),
  holds: false,
  sees: /; vm-003 sends to nobody; vm-004 sends to nobody$/,
})

looks('lease-held', 'holds when the holder runs', {
  options: { lease: 'kube-scheduler' },
  holds: true,
  sees: /^kube-scheduler is held on vm-001, which is running$/,
})
looks('lease-held', 'does not hold while the holder is stopped', {
  options: { lease: 'kube-scheduler' },
  async when(world: World) {
    await world.vm(2).stop()
    says({ metadata: { name: 'kube-scheduler' }, spec: { holderIdentity: 'vm-002_1' } })(world)
  },
  holds: false,
  sees: /^kube-scheduler is held on vm-002, which is stopped$/,
})
looks('lease-held', 'says who holds it when that is no VM', {
  options: { lease: 'kube-scheduler' },
  when: says({ metadata: { name: 'kube-scheduler' }, spec: { holderIdentity: 'stranger_1' } }),
  holds: false,
  sees: /^held by "stranger_1"$/,
})

looks('leases-renewed', 'holds when both were renewed since', {
  holds: true,
  sees: /^kube-controller-manager on vm-001; kube-scheduler on vm-001$/,
})
looks('leases-renewed', 'names the one that was not', {
  when: says({
    items: [
      { metadata: { name: 'kube-scheduler' }, spec: { holderIdentity: 'vm-001_1', renewTime: '2025-12-31T00:00:00Z' } },
    ],
  }),
  holds: false,
  sees: /^kube-controller-manager on nobody, not renewed since; kube-scheduler on vm-001, not renewed since$/,
})

looks('leases-renewed', 'does not hold while one of both is old', {
  when: says({
    items: ['kube-controller-manager', 'kube-scheduler'].map((name, index) => ({
      metadata: { name },
      spec: { holderIdentity: 'vm-001_1', renewTime: index === 0 ? '2026-01-01T00:00:09Z' : '2025-12-31T00:00:00Z' },
    })),
  }),
  holds: false,
  sees: /^kube-controller-manager on vm-001; kube-scheduler on vm-001, not renewed since$/,
})

looks('namespaces-exist', 'holds when all are there', { holds: true, sees: /^default, kube-node-lease, kube-public, / })
looks('namespaces-exist', 'names those that are missing', {
  when: says({ items: [{ metadata: { name: 'default' } }, { metadata: { name: 'kube-system' } }] }),
  holds: false,
  sees: /^no kube-node-lease, kube-public$/,
})

looks('nodes-ready', 'holds when all are', { holds: true, sees: /^4 of 4 Ready$/ })
looks('nodes-ready', 'names the node that is not', {
  when: (world: World) => world.vm(4).files.set('/run/kubelet.down', ''),
  holds: false,
  sees: /^3 of 4 Ready, vm-004 not Ready$/,
})
looks('nodes-ready', 'holds when as many are away as were said', {
  options: { away: 1 },
  when: stops(4),
  holds: true,
  sees: /^3 of 4 Ready, vm-004 not Ready$/,
})
looks('nodes-ready', 'does not hold when fewer are away than were said', {
  options: { away: 1 },
  holds: false,
  sees: /^4 of 4 Ready$/,
})
looks('nodes-ready', 'does not take a node of which the API knows nothing for one that is away', {
  options: { away: 1 },
  when: says({
    items: ['vm-001', 'vm-002', 'vm-003'].map(name => ({
      metadata: { name },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    })),
  }),
  holds: false,
  sees: /^3 of 4 Ready, vm-004 unknown to the API$/,
})
const reported = (time: string) => (name: string) => ({
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: time }] },
})
looks('nodes-ready', 'believes a node whose kubelet is silent, for a while', {
  when: says({ items: ['vm-001', 'vm-002', 'vm-003', 'vm-004'].map(reported('2025-12-31T00:00:00Z')) }),
  holds: true,
  sees: /^4 of 4 Ready$/,
})
looks('nodes-ready', 'wants news of each node where it is told to', {
  options: { reporting: true },
  when: says({ items: ['vm-001', 'vm-002', 'vm-003', 'vm-004'].map(reported('2025-12-31T00:00:00Z')) }),
  holds: false,
  sees: /^0 of 4 Ready, vm-001 not reporting, /,
})
looks('nodes-ready', 'holds when every node reports', {
  options: { reporting: true },
  holds: true,
  sees: /^4 of 4 Ready$/,
})
looks('nodes-ready', 'names a node of which the API knows nothing', {
  when: says({ items: [] }),
  holds: false,
  sees: /^0 of 4 Ready, vm-001 unknown to the API, /,
})

/** What create-objects makes, and the ConfigMap of each namespace. */
const created = (count: number) => (world: World) => {
  const lines = (word: string) => Array.from({ length: count + 1 }, (_, at) => `${word}/${at}\n`).join('')
  for (const vm of world.cluster.vms) vm.files.set('/configmaps', lines('configmap')).set('/keys', lines('/registry'))
}
looks('objects-everywhere', 'holds when all know all', {
  options: { count: 5 },
  when: created(5),
  holds: true,
  sees: /^vm-001 6 of 6, vm-002 6 of 6, vm-193 6 of 6, vm-194 6 of 6, vm-195 6 of 6$/,
})
looks('objects-everywhere', 'names who knows fewer', {
  options: { count: 5 },
  when(world: World) {
    created(5)(world)
    world.vm(194).files.set('/keys', '/registry/1\n')
  },
  holds: false,
  sees: /vm-193 6 of 6, vm-194 1 of 6, vm-195 6 of 6$/,
})
looks('objects-everywhere', 'does not hold when a member is stopped', {
  options: { count: 5 },
  async when(world: World) {
    created(5)(world)
    await world.vm(195).stop()
  },
  holds: false,
  sees: /vm-195 0 of 6$/,
})

/** Two pods, each on its node, and a service of both families; each pod says that when it is asked for a URL. */
const twoPods = (answer: (from: string, url: string) => string) => (world: World) => {
  const pod = (number: number) => ({
    metadata: { name: `test-app-${number}` },
    spec: { nodeName: `vm-00${number}` },
    status: { phase: 'Running', podIPs: [{ ip: `10.244.${number}.2` }, { ip: `fd00:244:${number}::2` }] },
  })
  world.driver.programs.set('curl', ({ argv }) => {
    const isService = argv.at(-1)?.endsWith('/services/test-app')
    const service = { spec: { clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7', 'fd00:4000::7'] } }
    return { stdout: JSON.stringify(isService ? service : { items: [pod(3), pod(4)] }) }
  })
  world.driver.programs.set('kubectl', ({ argv }) => {
    const from = argv.find(arg => arg.startsWith('test-app-')) ?? ''
    const urls = argv.filter(arg => arg.startsWith('http://'))
    return { stdout: urls.map(url => `${url} ${answer(from, url)}\n`).join('') }
  })
}
/** The pod with that address; of a service's, one. */
const asked = (url: string) => `test-app-${/:?244[.:](\d)/.exec(url)?.[1] ?? 4}`

looks('pods-connected', 'holds when every node reaches every pod, and the service, by each address', {
  when: twoPods((_, url) => asked(url)),
  holds: true,
  sees: /^2 pods on 2 nodes$/,
})
looks('pods-connected', 'names what a node does not reach', {
  when: twoPods((from, url) => (from === 'test-app-3' && url.includes('[fd00:244:4::2]') ? '' : asked(url))),
  holds: false,
  sees: /^vm-003 does not reach fd00:244:4::2 on vm-004: no answer$/,
})
looks('pods-connected', 'does not take the answer of another pod for that of the one that was asked', {
  when: twoPods((from, url) => (url.includes('10.244.4.2') ? from : asked(url))),
  holds: false,
  sees: /^vm-003 does not reach 10\.244\.4\.2 on vm-004: test-app-3$/,
})
looks('pods-connected', 'names the service that a node does not reach, and counts the rest', {
  when: twoPods((from, url) => (from === 'test-app-4' && url.includes('10.96.0.7') ? 'wget: timed out' : asked(url))),
  holds: false,
  sees: /^(vm-004 does not reach the service at 10\.96\.0\.7: wget: timed out; ){3}1 more$/,
})
looks('pods-connected', 'does not hold before all pods run', {
  when: says({ items: [{ metadata: { name: 'a' }, spec: {}, status: { phase: 'Pending' } }] }),
  holds: false,
  sees: /^0 of 1 pods run$/,
})
looks('pods-connected', 'says why it cannot ask', {
  when: (world: World) => world.answer('kubectl', { exitCode: 1, stderr: 'error: unable to upgrade connection\n' }),
  holds: false,
  sees: /^cannot ask in test-app-1 on vm-003: error: unable to upgrade connection$/,
})

looks('pods-stayed', 'holds when all are old enough', { holds: true, sees: /^1 pods, none younger than 60 s$/ })
looks('pods-stayed', 'names the one that is too young', {
  options: { for: 100 },
  holds: false,
  sees: /^test-app-1 is 90 s old$/,
})
looks('pods-stayed', 'names the one that is to go', {
  when: says({
    items: [{ metadata: { name: 'test-app-2', creationTimestamp: '2025-01-01T00:00:00Z', deletionTimestamp: 'soon' } }],
  }),
  holds: false,
  sees: /^test-app-2 is to go$/,
})
looks('pods-stayed', 'does not hold without pods', { when: says({ items: [] }), holds: false, sees: /^no pods$/ })

/** The test application is deployed, and answers on those workers. */
const app =
  (...ids: readonly number[]) =>
  (world: World) => {
    const { programs } = world.driver
    const curl = programs.get('curl')
    programs.set('curl', async call => {
      const at = call.argv.at(-1) ?? ''
      if (at.endsWith('/services/test-app'))
        return { stdout: JSON.stringify({ spec: { ports: [{ nodePort: 30_080 }] } }) }
      if (!at.includes(':30080')) return (await curl?.(call)) ?? {}
      return ids.includes(call.vm?.spec.id ?? 0) ? {} : { exitCode: 7, stderr: 'curl: (7) Failed to connect\n' }
    })
  }

looks('app-answers', 'has nothing to ask where no test application is', {
  holds: true,
  sees: /^there is no test application$/,
})
looks('app-answers', 'sees it answer on every worker', {
  when: app(3, 4),
  holds: true,
  sees: /^it answers on vm-003, vm-004$/,
})
looks('app-answers', 'names the workers on which it is silent', {
  when: app(3),
  holds: false,
  sees: /^vm-004: curl: \(7\) Failed to connect/,
})
looks('app-answers', 'says that the API is silent', {
  when: stops(191, 192),
  holds: false,
  sees: /^curl: \(28\) Connection timed out/,
})
