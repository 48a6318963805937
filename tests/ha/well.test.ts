/** When all is well with a cluster, what is still wrong when it is not, and in which order it is looked at. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { timersOf } from '../../src/cluster/timers.ts'
import type { WritesSince } from '../../src/ha/probes/probe-findings.ts'
import { Journal } from '../../src/ha/scenario/journal.ts'
import { untilWell, untilWhole } from '../../src/ha/scenario/well.ts'
import { World } from './world/world.ts'

type Settings = Parameters<typeof World.make>[1]

interface Options {
  readonly settings?: Settings
  readonly writes?: WritesSince
  readonly preempt?: boolean
  readonly when?: (world: World) => unknown
}

async function look(context: TestContext, { settings, writes, preempt = true, when }: Options = {}) {
  const world = await World.make(context, settings)
  await when?.(world)
  const { cluster, signal, clock } = world
  const journal = new Journal({ originMs: clock.monotonicMs(), log: () => {}, tell: () => {} })
  const asked = { cluster, signal, journal, seed: 0, ...(writes && { writes }) }
  const wanted = { withinMs: 30_000, timers: timersOf('default', { preempt }) }
  const problems = await untilWell(asked, wanted)
  return { world, asked, wanted, problems, checks: journal.steps.map(({ step }) => step), tookMs: clock.monotonicMs() }
}

test('all is well: every check that fits the cluster is made, those that work one after the other', async context => {
  const { problems, checks } = await look(context, { writes: () => ({ tried: 6, acknowledged: 6 }) })
  assert.deepEqual(problems, [])
  const inTurn = ['writes-acknowledged', 'etcd-healthy', 'apiservers-ready', 'nodes-ready', 'app-answers']
  assert.deepEqual(checks.slice(0, 5), inTurn)
  assert.deepEqual(checks.slice(5).sort(), ['leases-renewed', 'vip-held'])
})

test('clients come first: nobody is asked anything while they wait', async context => {
  let isAsked = false
  const { problems } = await look(context, {
    writes: () => ({ tried: 6, acknowledged: 0 }),
    when(world) {
      const etcdctl = world.driver.programs.get('etcdctl') ?? assert.fail()
      world.driver.programs.set('etcdctl', call => {
        isAsked = world.clock.monotonicMs() < 29_000
        return etcdctl(call)
      })
    },
  })
  assert.equal(isAsked, false)
  assert.match(problems.join('\n'), /^Cannot confirm that writes are acknowledged.*: 0 of 6 writes/)
})

test('what a cluster does not have is not looked at', async context => {
  const etcdOnly = { k8sDisable: true, nvm: 0, masters: '', lbVms: '', nrouters: 0 }
  assert.deepEqual((await look(context, { settings: etcdOnly })).checks, ['etcd-healthy'])
  const unmoved = await look(context, { settings: { keepalived: false } })
  assert.equal(unmoved.checks.includes('vip-held'), false)
})

test('the VIP must be back at the preferred load balancer, where it returns by itself', async context => {
  const when = (world: World) => world.vm(191).files.set('/run/keepalived.down', '')
  const { problems } = await look(context, { when })
  assert.match(
    problems.join('\n'),
    /^Cannot confirm that exactly one load balancer .*\(preferred: true\).*: vm-192 has/,
  )
  assert.deepEqual((await look(context, { when, preempt: false })).problems, [])
})

test('all that is wrong is told, within the time for all of it', async context => {
  const { problems, tookMs } = await look(context, {
    async when(world) {
      await world.vm(193).stop()
      world.vm(4).files.set('/run/kubelet.down', '')
    },
  })
  assert.equal(problems.length, 2)
  assert.match(problems[0] ?? '', /etcd members are healthy.*: 2 of 3 healthy/)
  assert.match(problems[1] ?? '', /nodes are Ready.*: 3 of 4 Ready/)
  assert.ok(tookMs < 33_000, String(tookMs))
})

test('all VMs must answer each other, which is looked at by itself', async context => {
  const { world, asked, wanted } = await look(context)
  assert.deepEqual(await untilWhole(asked, { ...wanted, asPods: false }), [])
  await world.vm(3).isolate({ direction: 'in' })
  assert.match(
    (await untilWhole(asked, { ...wanted, asPods: false })).join(),
    /every VM answers.*vm-001: no answer from 192\.168\.1\.3/,
  )
})

test('pods ask every apiserver where apiservers were hit, and there are any', async context => {
  const { world, asked, wanted } = await look(context)
  world.vm(2).files.set('/sa-key', 'another')
  assert.deepEqual(await untilWhole(asked, { ...wanted, asPods: false }), [])
  assert.match((await untilWhole(asked, { ...wanted, asPods: true })).join(), /vm-002 does not accept the pod's token/)
  const etcdOnly = await look(context, { settings: { k8sDisable: true, nvm: 0, masters: '', lbVms: '', nrouters: 0 } })
  assert.deepEqual(await untilWhole(etcdOnly.asked, { ...wanted, asPods: true }), [])
})
