/** Which VM a step means: by number, by role, and by what it is when the step begins. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { safeParse } from 'valibot'
import { isLookedUp, resolveTarget } from '../../src/ha/targets/resolve-target.ts'
import { targetSchema } from '../../src/ha/targets/target-schema.ts'
import { leaderOf } from './world/etcd.ts'
import { World } from './world/world.ts'

/** The VM's name, or what was seen instead. */
async function meant(world: World, target: number | string, { each, last }: { each?: number; last?: number } = {}) {
  const { cluster, signal } = world
  const vmOf = (id: number | undefined) => (id === undefined ? undefined : world.vm(id))
  const found = await resolveTarget(target, { cluster, signal, each: vmOf(each), last: vmOf(last) })
  return found.ok ? found.value.spec.name : `${found.failure.message}: ${found.failure.last}`
}
const world = (context: TestContext) => World.make(context)

test('a number and a place in a role mean the same VM at any time', async context => {
  const here = await world(context)
  assert.equal(await meant(here, 193), 'vm-193')
  assert.equal(await meant(here, 'etcd 2'), 'vm-194')
  await here.vm(194).powerOff()
  assert.equal(await meant(here, 'etcd 2'), 'vm-194')
  assert.match(await meant(here, 'etcd 9'), /expected exactly one VM for "etcd 9": none/)
})

test('the VIP’s owner and its backup change places with the VIP', async context => {
  const here = await world(context)
  assert.deepEqual([await meant(here, 'vip-owner'), await meant(here, 'vip-backup')], ['vm-191', 'vm-192'])
  await here.vm(191).stop()
  assert.equal(await meant(here, 'vip-owner'), 'vm-192')
  assert.match(await meant(here, 'vip-backup'), /expected exactly one running load balancer without the VIP: none/)
})

test('with two owners of the VIP none is meant, and both are named', async context => {
  const here = await world(context)
  await here.vm(191).isolate({ direction: 'both' })
  assert.match(await meant(here, 'vip-owner'), /expected exactly one load balancer to hold the VIP: vm-191, vm-192$/)
})

test('etcd’s leader is the one that its members follow; a follower is another that runs', async context => {
  const here = await world(context)
  assert.deepEqual([await meant(here, 'etcd-leader'), await meant(here, 'etcd-follower')], ['vm-195', 'vm-193'])
  await here.vm(195).isolate({ direction: 'both' })
  assert.deepEqual([await meant(here, 'etcd-leader'), await meant(here, 'etcd-follower')], ['vm-194', 'vm-193'])
})

test('a member that is cut off and still calls itself the leader is not believed', async context => {
  const here = await world(context)
  const etcdctl = here.driver.programs.get('etcdctl') ?? assert.fail()
  const status = '{"header":{"member_id":1},"leader":1}'
  here.driver.programs.set('etcdctl', call =>
    call.vm?.spec.id === 193
      ? { stdout: `[{"Endpoint":"https://192.168.1.193:2379","Status":${status}}]` }
      : etcdctl(call),
  )
  assert.equal(await meant(here, 'etcd-leader'), 'vm-195')
})

test('without a quorum nobody leads', async context => {
  const here = await world(context)
  await here.vm(193).stop()
  await here.vm(194).stop()
  assert.match(await meant(here, 'etcd-leader'), /^Cannot find out which etcd member leads: 0 leaders$/)
  assert.match(await meant(here, 'etcd-follower'), /^Cannot find out which etcd member leads/)
})

test('who leads may be about to show: it is asked again for five seconds', async context => {
  const here = await world(context)
  await here.vm(193).stop()
  await here.vm(194).stop()
  void here.clock.sleep(2_000).then(() => here.vm(193).resume())
  assert.equal(await meant(here, 'etcd-leader'), leaderOf(here)?.spec.name)
  assert.ok(here.clock.monotonicMs() >= 2_000 && here.clock.monotonicMs() < 3_000)
})

test('the holders of the leases are on control-plane VMs', async context => {
  const here = await world(context)
  here.vm(1).files.set('/run/kube-scheduler.down', '')
  assert.equal(await meant(here, 'controller-manager-leader'), 'vm-001')
  assert.equal(await meant(here, 'scheduler-leader'), 'vm-002')
  await here.vm(191).stop()
  await here.vm(192).stop()
  assert.match(await meant(here, 'scheduler-leader'), /^Cannot find out who holds "kube-scheduler": curl: \(28\)/)
})

test('"stopped" means the one that is, and never one of several', async context => {
  const here = await world(context)
  assert.match(await meant(here, 'stopped'), /expected exactly one stopped VM: none/)
  await here.vm(3).stop()
  assert.equal(await meant(here, 'stopped'), 'vm-003')
  await here.vm(4).stop()
  assert.match(await meant(here, 'stopped'), /: vm-003, vm-004$/)
})

test('"last" is the VM of the latest fault, "each" the one whose turn it is', async context => {
  const here = await world(context)
  assert.equal(await meant(here, 'last', { last: 4 }), 'vm-004')
  assert.equal(await meant(here, 'each', { each: 3 }), 'vm-003')
  assert.match(await meant(here, 'last'), /expected exactly one VM with an earlier fault: none/)
  assert.match(await meant(here, 'each'), /expected exactly one VM of an enclosing "each": none/)
})

test('VMs are asked only where nothing else tells', () => {
  const lookedUp = ['vip-owner', 'etcd-leader', 'scheduler-leader']
  assert.deepEqual([...lookedUp, 'last', 'stopped', 'each', 'etcd 1', 193].filter(isLookedUp), lookedUp)
})

test('what names no VM is refused', () => {
  for (const wrong of ['etcd', 'etcd 0', 'master 1', 'vip-ownr', 0, 1.5, '193'])
    assert.equal(safeParse(targetSchema, wrong).success, false, String(wrong))
})
