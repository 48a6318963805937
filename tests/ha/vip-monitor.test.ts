/** From when to when which load balancer has the VIP, as each one's kernel tells it. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type VipChange, VipMonitor } from '../../src/ha/probes/vip-monitor.ts'
import type { FaultSpan } from '../../src/ha/record/record.ts'
import { World } from './world/world.ts'

/** What the monitor saw of what is done, one second after the other. */
async function watch(context: TestContext, ...acts: readonly ((world: World) => unknown)[]) {
  const world = await World.make(context)
  const told: VipChange[] = []
  const monitor = new VipMonitor({ cluster: world.cluster, tell: change => told.push(change) })
  for (const act of [() => {}, ...acts]) {
    await act(world)
    await world.clock.sleep(1_000)
  }
  monitor.stop()
  const spans = (faults: readonly FaultSpan[] = []) =>
    monitor.spans(0, faults).map(({ vm, fromMs, toMs }) => {
      const seconds = (ms: number | null) => (ms === null ? null : Math.round(ms / 1000))
      return [vm, seconds(fromMs), seconds(toMs)]
    })
  return { monitor, told, spans }
}

test('the owner has it from the beginning, and every load balancer was heard', async context => {
  const { monitor, spans } = await watch(context)
  assert.equal(monitor.isSettled, true)
  assert.deepEqual(spans(), [['vm-191', 0, null]])
})

test('until all were heard it is not settled', async context => {
  const world = await World.make(context)
  await world.vm(192).powerOff()
  const monitor = new VipMonitor({ cluster: world.cluster, tell: () => {} })
  await world.clock.sleep(500)
  assert.equal(monitor.isSettled, false)
  await world.vm(192).boot()
  await world.clock.sleep(500)
  assert.equal(monitor.isSettled, true)
  monitor.stop()
})

test('a VIP that moves is told of both, and returns', async context => {
  const { told, spans } = await watch(
    context,
    world => world.vm(191).files.set('/run/haproxy.down', ''),
    world => world.vm(191).files.delete('/run/haproxy.down'),
  )
  assert.deepEqual(spans(), [
    ['vm-191', 0, 1],
    ['vm-192', 1, 2],
    ['vm-191', 2, null],
  ])
  assert.equal(told.length, 5)
  assert.deepEqual(told[0], { vm: 'vm-191', vip: '192.168.1.200', at: 0, held: true })
})

test('a VM that is reset gives it up with its kernel, and is asked again', async context => {
  const { spans } = await watch(
    context,
    world => world.vm(191).powerOff(),
    world => world.vm(191).boot(),
  )
  assert.deepEqual(spans(), [
    ['vm-191', 0, 1],
    ['vm-192', 1, 2],
    ['vm-191', 2, null],
  ])
})

test('a VM that stands still cannot use it: that time is not counted', async context => {
  const { spans } = await watch(
    context,
    world => world.vm(191).stop(),
    world => world.vm(191).resume(),
  )
  const stop = { fault: 'stop', vm: 'vm-191', detail: null, fromMs: 1_000, toMs: 2_000 }
  assert.deepEqual(spans([stop]), [
    ['vm-191', 0, 1],
    ['vm-191', 2, null],
    ['vm-192', 1, 2],
  ])
  assert.deepEqual(spans([{ ...stop, toMs: null }])[0], ['vm-191', 0, 1])
})

test('who is cut off believes itself the owner, and counts as one', async context => {
  const { spans } = await watch(context, world => world.vm(191).isolate({ direction: 'both' }))
  assert.deepEqual(spans([{ fault: 'isolate', vm: 'vm-191', detail: null, fromMs: 1_000, toMs: null }]), [
    ['vm-191', 0, null],
    ['vm-192', 1, null],
  ])
})
