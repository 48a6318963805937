/** How VMs are asked, and what is made of their answers. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { apiOn, objectOf } from '../../src/ha/ask/api-on.ts'
import { curlOn, inTurn, kubectlOn, runOn } from '../../src/ha/ask/run-on.ts'
import { inState, kubectlVm } from '../../src/ha/ask/select-vms.ts'
import { certificateIn } from '../../src/ha/ask/serving-certificate.ts'
import { versionsChanged, versionsOf } from '../../src/ha/ask/versions.ts'
import { heldVips, vipOwners } from '../../src/ha/ask/vip-owners.ts'
import { hostOfEndpoint, vmOfEndpoint } from '../../src/ha/ask/vm-of-endpoint.ts'
import { keys, World } from './world/world.ts'

const quick = { timeoutMs: 1_000 }

test('an answer has one line that says why it failed: the last of stderr, else of stdout, else the exit code', async context => {
  const world = await World.make(context)
  const reason = async (output: object) => {
    world.answer('program', output)
    return (await runOn(world.vm(193), ['program'], quick)).reason
  }
  assert.equal(await reason({ stdout: 'fine\n' }), '')
  assert.equal(await reason({ exitCode: 1, stdout: 'out\n', stderr: 'first\nsecond\n\n' }), 'second')
  assert.equal(await reason({ exitCode: 1, stdout: 'out\n' }), 'out')
  assert.equal(await reason({ exitCode: 7 }), 'exit code 7')
})

test('a VM that is off, and one that does not answer in time, are reasons as well', async context => {
  const world = await World.make(context)
  await world.vm(193).stop()
  const late = await runOn(world.vm(193), ['etcd'], quick)
  assert.match(late.reason, /still running after 1000 ms/)
  await world.vm(193).powerOff()
  const off = await runOn(world.vm(193), ['etcd'], quick)
  assert.match(off.reason, /it is off/)
  assert.deepEqual([late.ok, off.ok], [false, false])
})

test('questions in turn never overlap, and answers keep the order', async context => {
  const world = await World.make(context)
  let asking = 0
  const answers = await inTurn(world.withRole('etcd'), async vm => {
    assert.equal(++asking, 1)
    await world.clock.sleep(10)
    asking--
    return vm.spec.id
  })
  assert.deepEqual(answers, [193, 194, 195])
})

test('kubectl has the administrator’s rights, curl trusts whom the VM’s clients trust and has a limit', async context => {
  const world = await World.make(context)
  const seen: string[][] = []
  for (const name of ['kubectl', 'curl'])
    world.driver.programs.set(name, ({ argv, secret }) => {
      seen.push([argv.join(' '), secret])
      return {}
    })
  await kubectlOn(world.cluster, world.vm(3), ['get', 'nodes'], quick)
  await curlOn(world.vm(3), ['https://x'], { timeoutMs: 2_500, signal: world.signal })
  await apiOn(world.vm(3), world.cluster, { path: '/version', signal: world.signal })
  const curl = (seconds: number) => `curl --silent --show-error --max-time ${seconds} --cacert /etc/k8s-ha/pki/ca.crt`
  const who = '--cert /proc/self/fd/3 --key /proc/self/fd/3'
  assert.deepEqual(seen, [
    ['kubectl --kubeconfig=/proc/self/fd/3 get nodes', keys.kubeconfig],
    [`${curl(2.5)} https://x`, ''],
    [
      `${curl(5)} --fail-with-body --globoff ${who} https://192.168.1.200:6443/version`,
      'certificate of admin\nkey of admin\n',
    ],
  ])
})

test('a cluster whose keys are not known is not asked', async context => {
  const world = await World.make(context)
  const { cluster, signal, stateDir } = world
  rmSync(join(stateDir, 'client-keys.json'))
  const why = `Cannot ask cluster "world": its keys are not in "${stateDir}/client-keys.json"`
  assert.equal((await kubectlOn(cluster, world.vm(3), ['get', 'nodes'], quick)).reason, why)
  assert.equal((await apiOn(world.vm(3), cluster, { path: '/version', signal })).reason, why)
})

test('what curl says counts, not what follows it', async context => {
  const world = await World.make(context)
  world.answer('curl', {
    exitCode: 60,
    stderr: 'curl: (60) SSL certificate problem\nMore details here: https://curl\n',
  })
  const { reason } = await curlOn(world.vm(3), ['https://x'], { ...quick, signal: world.signal })
  assert.equal(reason, 'curl: (60) SSL certificate problem')
})

test('the API’s own words are the reason of its refusal', async context => {
  const world = await World.make(context)
  const { signal, cluster } = world
  const refused = await apiOn(world.vm(3), cluster, { path: '/api/v1/secrets', signal })
  assert.equal(refused.reason, '"/api/v1/secrets" not found')
  assert.deepEqual(await objectOf(cluster, { path: '/api/v1/secrets', signal }), {
    object: undefined,
    reason: '"/api/v1/secrets" not found',
  })
})

test('kubectl is on a worker that runs, else on a control-plane VM, else nowhere', async context => {
  const world = await World.make(context)
  const found = async () => {
    const vm = await kubectlVm(world.cluster)
    return vm.ok ? vm.value.spec.name : vm.failure.message
  }
  assert.equal(await found(), 'vm-003')
  await world.vm(3).stop()
  assert.equal(await found(), 'vm-004')
  await world.vm(4).powerOff()
  assert.equal(await found(), 'vm-001')
  await world.vm(1).stop()
  await world.vm(2).stop()
  assert.equal(await found(), 'Cannot run kubectl: no worker or control-plane VM is running')
})

test('VMs in a state', async context => {
  const world = await World.make(context)
  await world.vm(193).stop()
  await world.vm(194).powerOff()
  const names = async (state: 'running' | 'stopped' | 'off') =>
    (await inState(world.withRole('etcd'), state)).map(({ spec }) => spec.id)
  assert.deepEqual([await names('running'), await names('stopped'), await names('off')], [[195], [193], [194]])
})

test('each load balancer that runs says which VIPs it holds', async context => {
  const world = await World.make(context, { family: 'dual' })
  const held = await heldVips(world)
  assert.deepEqual(
    held.map(({ vm, vips }) => [vm.spec.id, vips.length]),
    [
      [191, 2],
      [192, 0],
    ],
  )
  await world.vm(191).stop()
  assert.deepEqual(
    (await vipOwners(world)).map(({ spec }) => spec.id),
    [192],
  )
})

test('an endpoint is a VM’s by its address, of either family', async context => {
  const world = await World.make(context, { family: 'dual' })
  assert.equal(hostOfEndpoint('https://[fd00::c0a8:1c1]:2379'), 'fd00::c0a8:1c1')
  const { vms } = world.cluster
  assert.equal(vmOfEndpoint('https://192.168.1.193:2379', vms)?.spec.id, 193)
  assert.equal(vmOfEndpoint('https://[fd00::c0a8:1c1]:2379', vms)?.spec.id, 193)
  assert.equal(vmOfEndpoint('https://192.168.1.19:2379', vms), undefined)
})

test('a text without a certificate has none', () => {
  assert.equal(certificateIn(''), undefined)
  assert.equal(certificateIn('-----BEGIN CERTIFICATE-----'), undefined)
})

test('the versions are those that programs of running VMs say', async context => {
  const world = await World.make(context)
  const all = { etcd: '3.4.23', haproxy: '2.6.12', keepalived: '2.2.7', kubernetes: '1.20.2' }
  assert.deepEqual(await versionsOf(world.cluster, world.signal), all)
  for (const vm of world.withRole('load-balancer')) await vm.stop()
  const { haproxy, keepalived, ...others } = all
  assert.deepEqual(await versionsOf(world.cluster, world.signal), others)
})

test('where VMs may run different versions, each is asked for what runs on it', async context => {
  const world = await World.make(context, { kubernetes: '1.35.4', other: { kubernetes: '1.36.3', etcd: '3.6.16' } })
  const versions = async () => versionsOf(world.cluster, world.signal)
  const before = await versions()
  assert.deepEqual([before.kubernetes, before.kubelet, before.etcd], ['1.35.4', '1.35.4', '3.5.35'])
  for (const [id, program] of [
    [1, 'kube-apiserver'],
    [193, 'etcd'],
    [194, 'etcd'],
    [195, 'etcd'],
  ] as const) {
    const vm = world.vm(id)
    for (const argv of [
      ['versions', 'to', program],
      ['service', 'restart', program],
    ])
      await vm.exec([`/usr/lib/k8s-ha/${argv[0]}`, ...argv.slice(1)], { timeoutMs: 1000 })
  }
  const after = await versions()
  assert.deepEqual([after.kubernetes, after.kubelet, after.etcd], ['1.35.4, 1.36.3', '1.35.4', '3.6.16'])
  const changed = versionsChanged(before, after)
  assert.deepEqual(
    [changed.kubernetes, changed.kubelet, changed.etcd],
    ['1.35.4 → 1.35.4, 1.36.3', '1.35.4', '3.5.35 → 3.6.16'],
  )
  assert.deepEqual(versionsChanged({}, { haproxy: '3.0' }), { haproxy: '3.0' })
})
