/** What actions ask of the VMs, in which order, and what they say when it goes wrong. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'valibot'
import { issuePki } from '../../src/cluster/pki/issue-pki.ts'
import { servingFiles } from '../../src/cluster/render/control-plane.ts'
import { inVm } from '../../src/cluster/render/vm-folder.ts'
import type { Output } from '../../src/drivers/driver.ts'
import { actions } from '../../src/ha/actions/actions.ts'
import { ok } from '../../src/platform/result.ts'
import { specWith } from '../cluster-data/sample.ts'
import { World } from './world/world.ts'

/** What it did, or why it could not. */
async function act(world: World, name: string, options: object = {}): Promise<string> {
  const { schema, run } = actions.get(name) ?? assert.fail(`there is no action ${name}`)
  const { cluster, signal } = world
  const vmOf = async (target: string | number) => ok(world.vm(Number(target)))
  const done = await run({ cluster, signal, vmOf }, parse(schema, options))
  return done.ok ? done.value : `${done.failure.message}: ${done.failure.last ?? ''}`
}

/** Notes what a program is called with; answers as `answer` says. */
function note(world: World, program: string, answer: (argv: readonly string[], input: string) => Partial<Output>) {
  const calls: string[] = []
  world.driver.programs.set(program, ({ vm, argv, input }) => {
    calls.push(`${vm?.spec.name}: ${argv.slice(1).join(' ')}`)
    return answer(argv, input)
  })
  return calls
}

test('created objects are ConfigMaps, a definition that is established, and one resource of that kind', async context => {
  const world = await World.make(context)
  const kinds: string[] = []
  const calls = note(world, 'kubectl', (_, input) => {
    for (const { kind } of (JSON.parse(input) as { items: { kind: string }[] }).items) kinds.push(kind)
    return {}
  })
  assert.equal(await act(world, 'create-objects', { count: 3 }), '3 ConfigMaps, a resource definition and a resource')
  const expected = ['Namespace', 'CustomResourceDefinition', 'ConfigMap', 'ConfigMap', 'ConfigMap', 'Change']
  assert.deepEqual(kinds, expected)
  assert.match(calls[2] ?? '', /wait --for=condition=Established/)
  world.answer('kubectl', { exitCode: 1, stderr: 'quota exceeded\n' })
  assert.equal(await act(world, 'create-objects'), 'Cannot create objects: quota exceeded')
})

/** etcd as far as membership goes; a learner is promoted at that try. */
const membership = (promotedAt: number) => {
  let tries = 0
  return (argv: readonly string[]): Partial<Output> => {
    if (argv.includes('list'))
      return {
        stdout: '8e9e, started, vm-193, https://192.168.1.193:2380, x\n9f9f, started, vm-194, https://y:2380, x\n',
      }
    if (argv.includes('add')) return { stdout: 'Member 4d2f added to cluster 1\n' }
    if (argv.includes('promote') && ++tries < promotedAt)
      return { exitCode: 1, stderr: 'Error: can only promote a learner member which is in sync with leader\n' }
    return {}
  }
}

test('a member is replaced by another’s order: removed, added as a learner, started anew, promoted', async context => {
  const world = await World.make(context)
  const calls = note(world, 'etcdctl', membership(3))
  const started = note(world, 'sh', () => ({}))
  const done = await act(world, 'replace-etcd-member', { vm: 193 })
  assert.equal(done, 'vm-193 is a learner, promoted after 0.6 s')
  assert.deepEqual(
    calls.map(call => call.replace(/--endpoints=\S+ /, '')),
    [
      'vm-194: member list',
      'vm-194: member remove 8e9e',
      'vm-194: member add vm-193 --learner --peer-urls=https://192.168.1.193:2380',
      ...['vm-194: member promote 4d2f', 'vm-194: member promote 4d2f', 'vm-194: member promote 4d2f'],
    ],
  )
  assert.match(started.join(), /^vm-193: -c .*rm -rf \/var\/lib\/etcd\/member/)
})

test('a learner that never catches up is given up, with what etcd says', async context => {
  const world = await World.make(context)
  note(world, 'etcdctl', membership(Number.POSITIVE_INFINITY))
  assert.match(
    await act(world, 'replace-etcd-member', { vm: 193 }),
    /^Cannot promote "vm-193" within 40 s: Error: can only promote a learner member/,
  )
})

test('a member is replaced only while another runs, and if etcd knows it', async context => {
  const world = await World.make(context)
  note(world, 'etcdctl', membership(1))
  assert.match(await act(world, 'replace-etcd-member', { vm: 195 }), /^Cannot find the member "vm-195"/)
  for (const id of [194, 195]) await world.vm(id).stop()
  assert.match(await act(world, 'replace-etcd-member', { vm: 193 }), /it must be one of several etcd VMs/)
})

const pki = await issuePki(specWith(), Date.parse('2026-01-01'))
const place = (world: World, id: number) => `/${inVm(world.vm(id).spec, servingFiles.inUse)}`

test('a certificate is renewed by exchange with the next one, and both are named', async context => {
  const world = await World.make(context)
  world.vm(1).files.set(place(world, 1), pki.get('apiserver.crt') ?? '')
  const calls = note(world, 'sh', () => {
    world.vm(1).files.set(place(world, 1), pki.get('apiserver-next.crt') ?? '')
    return {}
  })
  assert.match(await act(world, 'renew-certificate', { vm: 1 }), /^vm-001: [0-9a-f]{8} instead of [0-9a-f]{8}$/)
  assert.match(calls.join(), / sh \/etc\/k8s-ha\/vm-001 pki\/apiserver\.pem pki\/next\/apiserver\.pem$/)
  assert.match(await act(world, 'renew-certificate', { vm: 1 }), /the next one is the one that it has/)
})

test('a certificate by the authority that is wanted stays as it is', async context => {
  const world = await World.make(context)
  world.vm(1).files.set(place(world, 1), pki.get('apiserver.crt') ?? '')
  assert.match(await act(world, 'renew-certificate', { vm: 1, authority: 'ca' }), /is by ca already$/)
})

test('a certificate that cannot be read or exchanged is told with the VM', async context => {
  const world = await World.make(context)
  assert.match(await act(world, 'renew-certificate', { vm: 1 }), /^Cannot read the serving certificate on "vm-001"/)
  world.vm(1).files.set(place(world, 1), pki.get('apiserver.crt') ?? '')
  world.answer('sh', { exitCode: 1, stderr: 'cp: no space\n' })
  assert.equal(
    await act(world, 'renew-certificate', { vm: 1 }),
    'Cannot renew the certificate on "vm-001": cp: no space',
  )
})

test('the authorities that clients trust are set on every VM that runs', async context => {
  const world = await World.make(context)
  const calls = note(world, '/usr/lib/k8s-ha/trust', () => ({}))
  await world.vm(3).stop()
  assert.equal(await act(world, 'trust-authorities', { authorities: ['ca', 'next-ca'] }), 'ca and next-ca, on 9 VMs')
  assert.deepEqual([calls.length, calls[0]], [9, 'vm-001: ca next-ca'])
  world.driver.programs.set('/usr/lib/k8s-ha/trust', ({ vm }) =>
    vm?.spec.id === 4 ? { exitCode: 1, stderr: 'read-only\n' } : {},
  )
  const refused = await act(world, 'trust-authorities', { authorities: ['ca'] })
  assert.equal(refused, 'Cannot change the authorities that "vm-004" trusts: read-only')
})

test('a CNI of a folder is installed by its manifests, again and again until all are accepted; a built-in one is not', async context => {
  const world = await World.make(context, { cni: './my-cni' })
  let tries = 0
  const calls = note(world, 'kubectl', () =>
    ++tries < 3
      ? { exitCode: 1, stderr: 'error: no matches for kind "Pool" in version "example.org/v1"\n' }
      : { stdout: 'daemonset.apps/cni serverside-applied\npool.example.org/all serverside-applied\n' },
  )
  assert.equal(await act(world, 'install-cni'), '2 objects of ./my-cni')
  assert.equal(calls.length, 3)
  assert.match(calls[0] ?? '', /apply --server-side --force-conflicts --filename=\/usr\/share\/k8s-ha\/cni\/manifests$/)
  world.answer('kubectl', { exitCode: 1, stderr: 'error: unable to recognize "10.yaml"\n' })
  assert.equal(
    await act(world, 'install-cni'),
    'Cannot install the CNI "./my-cni": its manifests could not be applied within 60 s: error: unable to recognize "10.yaml"',
  )
  const builtIn = await World.make(context)
  builtIn.driver.programs.delete('kubectl')
  assert.equal(await act(builtIn, 'install-cni'), 'bridge needs no manifests')
})

test('the test application is deployed once all running workers take pods, or after 20 s without them', async context => {
  const world = await World.make(context)
  const deployed: number[] = []
  const started = world.clock.now()
  world.driver.programs.set('kubectl', () => {
    deployed.push(world.clock.now() - started)
    return { stdout: 'service/test-app created\n' }
  })
  const nodes = (open: boolean) => ({
    items: ['vm-003', 'vm-004'].map(name => ({
      metadata: { name },
      spec:
        open || name === 'vm-003' ? {} : { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] },
    })),
  })
  world.driver.programs.set('curl', () => ({ stdout: JSON.stringify(nodes(world.clock.now() - started >= 1_000)) }))
  assert.equal(await act(world, 'deploy-test-app'), 'service/test-app created')
  world.answer('curl', { stdout: JSON.stringify(nodes(false)) })
  assert.equal(await act(world, 'deploy-test-app'), 'service/test-app created, vm-004 took no pods yet')
  await world.vm(4).stop()
  assert.equal(await act(world, 'deploy-test-app'), 'service/test-app created')
  const [first = 0, second = 0, third = 0] = deployed
  assert.deepEqual([first, second - first, third - second], [1_000, 20_000, 0])
})
