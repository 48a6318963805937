/** Every claim about redundancy is broken by the one mistake that it is about, and names what is missing. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { ClusterSettings } from '../../src/cluster/build-spec.ts'
import { redundantEverywhere } from '../../src/ha/checks/redundant-everywhere.ts'
import { World } from './world/world.ts'

type Settings = Partial<ClusterSettings>
type Break = (world: World) => void

async function seenWith(context: TestContext, { settings, breaks }: { settings?: Settings; breaks?: Break } = {}) {
  const world = await World.make(context, settings)
  breaks?.(world)
  const { cluster, signal } = world
  return redundantEverywhere.observe({ cluster, signal, since: 0 }, {})
}

const healthy: readonly (readonly [string, Settings])[] = [
  ['over IPv4', {}],
  ['over IPv6', { family: 'IPv6' }],
  ['over both families', { family: 'dual' }],
  ['with stacked etcd', { topology: 'stacked' }],
  ['with kubelets that ask their own apiserver', { nodeApi: 'local' }],
]

for (const [how, settings] of healthy)
  test(`a healthy cluster ${how} is redundant`, async context => {
    assert.deepEqual(await seenWith(context, { settings }), { holds: true, seen: '5 claims hold' })
  })

test('etcd alone has its members to look at', async context => {
  const seen = await seenWith(context, { settings: { k8sDisable: true } })
  assert.deepEqual(seen, { holds: true, seen: '1 claims hold' })
})

const oneServer = `# pxname,svname,scur,status,addr
apiservers,one,0,UP,192.168.1.1:6443
apiservers,two,0,DOWN,192.168.1.2:6443
`

const mistakes: readonly (readonly [what: string, breaks: Break, seen: string])[] = [
  [
    'an apiserver knows one member only',
    world => world.vm(1).files.set('/etcd-servers', 'https://192.168.1.193:2379'),
    'vm-001: kube-apiserver does not know etcd on vm-194; vm-001: kube-apiserver does not know etcd on vm-195',
  ],
  [
    'an apiserver gives services addresses of its own range',
    world => world.vm(2).files.set('/service-range', '10.97.0.0/16'),
    'apiservers give services addresses of different ranges: vm-001 10.96.0.0/16, vm-002 10.97.0.0/16',
  ],
  [
    'an apiserver does not run',
    world => world.answer('sh', { exitCode: 1, stderr: 'cat: /run/kube-apiserver.pid: No such file or directory' }),
    'vm-001: kube-apiserver does not run: cat: /run/kube-apiserver.pid: No such file or directory; ',
  ],
  [
    'a load balancer lacks an apiserver',
    world => world.answer('socat', { stdout: oneServer }),
    'vm-191: haproxy has no server that is up for vm-002; vm-192: haproxy has no server that is up for vm-002',
  ],
  [
    'a member is advertised by an address that is not its own',
    world => world.vm(194).files.set('/advertised', 'https://127.0.0.1:2379'),
    "etcd's member on vm-194 is not advertised to clients as 192.168.1.194",
  ],
  [
    'a member does not vote',
    world => world.vm(195).files.set('/learner', ''),
    "etcd's member on vm-195 does not vote: it is a learner",
  ],
  [
    'a member is missing',
    world => world.vm(195).files.set('/removed', ''),
    'etcd has no member on vm-195 (192.168.1.195)',
  ],
  [
    'clients pass by the VIP',
    world => world.vm(3).files.set('/api', 'https://192.168.1.1:6443'),
    'vm-003: kubelet asks https://192.168.1.1:6443, not the VIP; vm-003: kube-proxy asks https://192.168.1.1:6443, not the VIP',
  ],
  ['a node has no kubeconfig', world => world.answer('grep', { stdout: '' }), 'vm-001: no program has a kubeconfig; '],
  [
    'an apiserver is no endpoint',
    world => world.answer('curl', { stdout: '{"subsets":[{"addresses":[{"ip":"192.168.1.1"}]}]}' }),
    'the service kubernetes has no endpoint on vm-002',
  ],
]

for (const [what, breaks, seen] of mistakes)
  test(`it is said when ${what}`, async context => {
    const observation = await seenWith(context, { breaks })
    assert.equal(observation.holds, false)
    assert.ok(seen.endsWith('; ') ? observation.seen.startsWith(seen) : observation.seen === seen, observation.seen)
  })

test('only kubelets of control-plane VMs may ask their own apiserver', async context => {
  const breaks: Break = world => {
    for (const id of [1, 3]) world.vm(id).files.set('/api', 'https://192.168.1.1:6443')
  }
  const { seen } = await seenWith(context, { settings: { nodeApi: 'local' }, breaks })
  assert.match(seen, /^vm-001: kube-proxy asks .*; vm-003: kubelet asks .*; vm-003: kube-proxy asks /)
})
