/** How the steps of a scenario are carried out: in order, until one does not hold, and each is journaled. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { parse } from 'valibot'
import { Journal } from '../../src/ha/scenario/journal.ts'
import { runSteps, type StepsContext } from '../../src/ha/scenario/run-steps.ts'
import { stepsSchema } from '../../src/ha/scenario/steps.ts'
import { World } from './world/world.ts'

async function carryOut(
  context: TestContext,
  steps: readonly object[],
  more: Partial<StepsContext> & { readonly when?: (world: World) => unknown } = {},
) {
  const world = await World.make(context)
  await more.when?.(world)
  const lines: string[] = []
  const journal = new Journal({ originMs: world.clock.monotonicMs(), log: line => lines.push(line), tell: () => {} })
  const { cluster, signal } = world
  const result = await runSteps(parse(stepsSchema, steps), { cluster, signal, journal, seed: 1, ...more })
  const told = journal.steps.map(({ step, seen, holds }) => `${holds ? '' : 'FAILED '}${step}${seen && ': '}${seen}`)
  const faults = journal.faults.map(({ fault, vm, toMs }) => `${fault} ${vm} ${toMs === null ? 'open' : 'ended'}`)
  return { world, lines, journal, faults, told, failure: result.ok ? undefined : result.failure }
}

test('steps run one after the other, and the cluster is as they left it', async context => {
  const { world, told, faults, failure } = await carryOut(context, [
    { check: 'etcd-healthy' },
    { stop: 193 },
    { check: 'etcd-healthy', away: 1 },
    { resume: 193 },
    { stop: 'worker 1' },
  ])
  assert.equal(failure, undefined)
  assert.deepEqual(
    told.map(line => line.replace(/ \(.*/, '')),
    [
      'etcd-healthy: 3 of 3 healthy',
      'stop vm-193',
      'etcd-healthy: 2 of 3 healthy',
      'resume vm-193',
      'stop vm-003: the worker 1',
    ],
  )
  assert.deepEqual(faults, ['stop vm-193 ended', 'stop vm-003 open'])
  assert.equal(await world.vm(3).state(), 'stopped')
})

test('the first step that does not hold ends it', async context => {
  const { told, failure, world } = await carryOut(context, [
    { stop: 193 },
    { check: 'etcd-healthy', within: 2 },
    { stop: 194 },
  ])
  assert.match(failure?.message ?? '', /^Cannot confirm that the etcd members are healthy: .* within 2 s$/)
  assert.match(failure?.last ?? '', /^2 of 3 healthy .* \(observed \d+ times\)$/)
  assert.match(told.at(-1) ?? '', /^FAILED etcd-healthy: 2 of 3 healthy/)
  assert.equal(await world.vm(194).state(), 'running')
})

test('a check waits as long as it says, or as its step says, or until all is to be given up: the shortest', async context => {
  const took = async (step: object, more: object = {}) => {
    const { world } = await carryOut(context, [{ stop: 193 }, step], more)
    return Math.round(world.clock.monotonicMs() / 1000)
  }
  assert.equal(await took({ check: 'etcd-healthy' }), 60)
  assert.equal(await took({ check: 'etcd-healthy', within: 5 }), 5)
  assert.equal(await took({ check: 'etcd-healthy' }, { giveUpAfterMs: 10_000 }), 10)
})

test('what a check sees meanwhile is logged once for each change', async context => {
  const { lines } = await carryOut(context, [{ check: 'etcd-healthy' }], {
    async when(world) {
      await world.vm(193).stop()
      void world.clock.sleep(3_000).then(() => world.vm(193).resume())
    },
  })
  assert.equal(lines.filter(line => line.includes('not yet:')).length, 1)
  assert.match(lines.at(-1) ?? '', /^etcd-healthy .* 3 of 3 healthy/)
})

test('a fault’s VM is the one that is meant when the step begins', async context => {
  const { told } = await carryOut(context, [
    { stop: 'vip-owner' },
    { stop: 'vip-owner' },
    { resume: 192 },
    { reset: 'last' },
  ])
  assert.deepEqual(told, [
    'stop vm-191: the vip-owner',
    'stop vm-192: the vip-owner',
    'resume vm-192',
    'reset vm-192: the last',
  ])
})

test('the noise of looking a VM up is over before its fault begins', async context => {
  const { journal } = await carryOut(context, [{ stop: 'vip-owner' }, { stop: 'last' }])
  assert.deepEqual(
    journal.faults.map(({ fromMs }) => fromMs),
    [300, 300],
  )
})

test('a VM that cannot be found ends it before anything is broken', async context => {
  const { failure, faults, told } = await carryOut(context, [{ stop: 'etcd-leader' }], {
    when: world => Promise.all([193, 194].map(id => world.vm(id).stop())),
  })
  assert.match(failure?.message ?? '', /^Cannot find out which etcd member leads/)
  assert.deepEqual([faults, told], [[], []])
})

test('"each" repeats its steps for the VMs of a role, or for the first of them', async context => {
  const { told } = await carryOut(context, [
    { each: 'etcd', steps: [{ reset: 'each' }] },
    { each: 'worker', first: 1, steps: [{ stop: 'each' }, { resume: 'each' }] },
  ])
  assert.deepEqual(told, ['reset vm-193', 'reset vm-194', 'reset vm-195', 'stop vm-003', 'resume vm-003'])
})

test('isolated VMs name each other by what they are', async context => {
  const { world, told } = await carryOut(context, [
    { isolate: { vm: 'etcd-leader', from: ['etcd 1', 'etcd-follower'], direction: 'out' } },
  ])
  assert.deepEqual(world.vm(195).cut, { direction: 'out', from: [193, 193] })
  assert.deepEqual(told, ['isolate vm-195: the etcd-leader: from etcd 1, etcd-follower, out only'])
})

test('a fault that could not be injected is told, and counts as begun', async context => {
  const { failure, told, faults } = await carryOut(context, [{ 'lose-disk': 193 }])
  assert.match(failure?.message ?? '', /^Cannot lose the disk of "vm-193": the VM is on$/)
  assert.match(told.join(), /^FAILED lose-disk vm-193: Cannot lose/)
  assert.deepEqual(faults, ['lose-disk vm-193 open'])
})

test('a momentary fault is over at once, and ends others', async context => {
  const { faults } = await carryOut(context, [{ stop: 193 }, { reset: 193 }, { isolate: 194 }, { reset: 194 }])
  assert.deepEqual(faults, ['stop vm-193 ended', 'reset vm-193 ended', 'isolate vm-194 open', 'reset vm-194 ended'])
})

test('an action does what it says, for the VM that is meant', async context => {
  const { told, failure } = await carryOut(context, [{ do: 'label-control-plane' }, { do: 'deploy-test-app' }])
  assert.equal(failure, undefined)
  assert.deepEqual(told, [
    'label-control-plane: vm-001, vm-002 labelled and tainted node-role.kubernetes.io/control-plane',
    'deploy-test-app: done',
  ])
})

test('an action for which kubectl is needed says that it is nowhere', async context => {
  const { failure } = await carryOut(context, [{ do: 'deploy-test-app' }], {
    when: world => Promise.all([1, 2, 3, 4].map(id => world.vm(id).stop())),
  })
  assert.equal(failure?.message, 'Cannot run kubectl: no worker or control-plane VM is running')
})

test('a wait lasts as long as it says, and is no step that fails', async context => {
  const { world, told } = await carryOut(context, [{ wait: 12.5 }])
  assert.equal(world.clock.monotonicMs(), 12_500)
  assert.deepEqual(told, ['wait 12.5 s'])
})

test('an interruption ends a wait and a check, and is told as one', async context => {
  for (const step of [{ wait: 600 }, { check: 'etcd-healthy', away: 1 }]) {
    const { failure, world } = await carryOut(context, [step], {
      when: here => void here.clock.sleep(3_000).then(() => here.ending.abort()),
    })
    assert.equal(failure?.kind, 'interrupted')
    assert.equal(world.clock.monotonicMs(), 3_000)
  }
})

test('a requirement is no step at all: it was looked at before', async context => {
  const { told } = await carryOut(context, [{ require: 'keepalived' }])
  assert.deepEqual(told, [])
})

test('a check that waits for readiness has patience; what a scenario says, and a check that judges, have none', async context => {
  const failureOf = async (step: object) => {
    const away = (world: World) => {
      world.driver.patience = 4
      return world.vm(193).stop()
    }
    const { failure } = await carryOut(context, [step], { when: away })
    return failure?.message
  }
  assert.match((await failureOf({ check: 'etcd-healthy' })) ?? '', /within 240 s$/)
  assert.match((await failureOf({ check: 'etcd-healthy', within: 2 })) ?? '', /within 2 s$/)
  assert.match((await failureOf({ check: 'only-old-reads' })) ?? '', /within 20 s$/)
})
