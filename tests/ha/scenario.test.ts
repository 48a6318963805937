/** Scenarios from beginning to verdict, in memory: what is measured and judged, and that the cluster is whole after all. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { parse } from 'valibot'
import { timersOf } from '../../src/cluster/timers.ts'
import { recordSchema } from '../../src/ha/record/record-schema.ts'
import { type ScenarioEvent, scenarioEventSchema } from '../../src/ha/record/scenario-events.ts'
import { runScenario } from '../../src/ha/scenario/scenario.ts'
import type { ScenarioOptions } from '../../src/ha/scenario/scenario-options.ts'
import { scenarioSchema } from '../../src/ha/scenario/scenario-schema.ts'
import { unwrap } from '../cluster-data/sample.ts'
import { clientsOf, type Mischief } from './world/probes.ts'
import { end } from './world/services.ts'
import { World } from './world/world.ts'

interface Course {
  readonly steps: readonly object[]
  readonly budgets?: object
  readonly more?: object
  readonly mischief?: Mischief
  readonly options?: Partial<ScenarioOptions>
  /** Done when the scenario has begun, so many milliseconds later. */
  readonly meanwhile?: readonly [ms: number, act: (world: World) => unknown]
  readonly settings?: Parameters<typeof World.make>[1]
  /** Of the machine. */
  readonly patience?: number
}

async function play(
  context: TestContext,
  { steps, budgets = {}, more = {}, mischief, options, meanwhile, settings, patience = 1 }: Course,
) {
  const world = await World.make(context, settings)
  const { clock } = world
  world.driver.patience = patience
  if (meanwhile) void clock.sleep(meanwhile[0]).then(() => meanwhile[1](world))
  const text = parse(scenarioSchema, { steps, budgets, ...more })
  const outcome = unwrap(
    await runScenario({
      ...{ cluster: world.cluster, task: 'verify[mine]', driver: 'fake', seed: 1, slowness: 1, signal: world.signal },
      ...{ defect: null, insteadOf: null },
      scenario: {
        ...{ name: 'mine', description: '', steps: text.steps, probes: text.probes, budgets: text.budgets },
        ...{ mayRestart: text['may-restart'], skipWithout: text['skip-without'], clientTimeoutMs: 250 },
      },
      timers: timersOf('default', { preempt: true }),
      historyFile: '',
      startProbes: clientsOf(world, mischief),
      log: () => {},
      tell: () => {},
      ...options,
    }),
  )
  const states = await Promise.all(world.cluster.vms.map(async vm => `${await vm.state()}${vm.cut ? ' cut' : ''}`))
  assert.deepEqual([...new Set(states)], ['running'], 'whatever happened, every VM runs and hears the others')
  parse(recordSchema, JSON.parse(JSON.stringify(outcome.record)))
  return { ...outcome, world }
}

/** Seconds, of what was measured. */
const measured = ({ record }: Awaited<ReturnType<typeof play>>, name: string) =>
  record.measures.find(({ measure }) => measure === name)?.measured

test('nothing is broken, and the record says what was seen', async context => {
  const played = await play(context, {
    steps: [{ check: 'etcd-healthy' }],
    budgets: { writes: 'unnoticed', elections: 0 },
  })
  const { record, failure } = played
  assert.deepEqual([record.verdict, record.reasons, failure], ['passed', [], undefined])
  assert.deepEqual([measured(played, 'writes'), measured(played, 'elections'), record.recoveryMs], [0, 0, null])
  assert.equal(record.lostWrites, 0)
  assert.deepEqual(record.cluster.versions.etcd, '3.4.23')
  assert.deepEqual(
    record.vip.map(({ vm, toMs }) => [vm, toMs]),
    [['vm-191', null]],
  )
  assert.ok(record.invariants.every(({ holds }) => holds))
  assert.ok(record.tookMs > 2_000, 'it is watched before the steps and after them')
  assert.deepEqual(record.logs, [])
})

const quorumLoss = (seconds: number) => [
  { stop: 193 },
  { stop: 194 },
  { wait: seconds },
  { resume: 193 },
  { resume: 194 },
  { check: 'etcd-healthy' },
]

test('an outage is measured from the client’s side, and may last as long as its budget', async context => {
  const budgets = { writes: 3.2, reads: 3.2 }
  const played = await play(context, { steps: quorumLoss(3), budgets })
  assert.deepEqual(played.record.reasons, [])
  const outage = measured(played, 'writes') ?? 0
  assert.ok(outage >= 3_000 && outage <= 3_100, String(outage))
  assert.deepEqual(
    played.record.faults.map(({ fault, vm, fromMs, toMs }) => [fault, vm, Math.round(((toMs ?? 0) - fromMs) / 1000)]),
    [
      ['stop', 'vm-193', 3],
      ['stop', 'vm-194', 3],
    ],
  )
})

test('an outage beyond its budget fails the scenario, with both figures and where the limit comes from', async context => {
  const { record, failure } = await play(context, { steps: quorumLoss(3), budgets: { writes: 1, reads: 'unnoticed' } })
  assert.equal(record.verdict, 'failed')
  assert.match(record.reasons.join('\n'), /^reads: 3\.0\d s, and the budget is 1\.70 s \(unnoticed = 1000 ms/m)
  assert.match(record.reasons.join('\n'), /^writes: 3\.0\d s, and the budget is 1\.00 s/m)
  assert.match(failure?.message ?? '', /^The scenario "mine" failed: /)
})

const stalled = { standstill: [1_500, 3_500] } as const

test('an outage that is too long only for the time in which the machine stood still is not judged', async context => {
  const budgets = { writes: 'unnoticed', reads: 'unnoticed' }
  const { record, failure } = await play(context, { steps: quorumLoss(3), budgets, mischief: stalled })
  assert.equal(record.verdict, 'not judged')
  assert.match(
    record.reasons[0] ?? '',
    /^too-slow: the machine was: probes that were due began late, (1\.9\d|2\.00) s in all$/,
  )
  assert.match(record.reasons.join('\n'), /^writes: 3\.0\d s, and the budget is 1\.70 s/m)
  assert.ok(record.lateMs !== null && record.lateMs > 1_900 && record.lateMs < 2_050)
  assert.equal(failure?.message, 'Not judged: the machine was too slow for the scenario "mine"')
  assert.match(failure?.try ?? '', /--set not-judged=pass/)
})

test('the machine is blamed for no more than it took: a longer outage fails', async context => {
  const budgets = { writes: 1, reads: 'unnoticed' }
  const { record } = await play(context, { steps: quorumLoss(3), budgets, mischief: stalled })
  assert.equal(record.verdict, 'failed')
  const early = { standstill: [0, 500] } as const
  const before = { steps: [{ wait: 8 }, ...quorumLoss(3)], budgets: { writes: 2.8, reads: 2.8 }, mischief: early }
  assert.equal((await play(context, before)).record.verdict, 'failed')
})

test('what is no limit on time fails, however slow the machine was', async context => {
  const budgets = { writes: 'unnoticed', reads: 'unnoticed' }
  const course = { steps: quorumLoss(3), budgets, mischief: stalled }
  const lost: Mischief = { ...stalled, history: (vm, changes) => (vm === 'vm-194' ? changes.slice(0, -1) : changes) }
  assert.equal((await play(context, { ...course, mischief: lost })).record.verdict, 'failed')
  const counted = { ...budgets, elections: 0, 'vip-owners': 0 }
  assert.equal((await play(context, { ...course, budgets: counted })).record.verdict, 'failed')
  const step = [...quorumLoss(3), { check: 'etcd-healthy', away: 2, within: 1 }]
  assert.equal((await play(context, { ...course, steps: step })).record.verdict, 'failed')
})

test('a machine that is slow by itself needs longer for the same work, and is blamed for that', async context => {
  const course = { steps: quorumLoss(3), budgets: { writes: 2, reads: 2 } }
  const on = async (slowness: number) => (await play(context, { ...course, options: { slowness } })).record
  assert.deepEqual(
    [(await on(1)).verdict, (await on(2)).verdict, (await on(4)).verdict],
    ['failed', 'failed', 'not judged'],
  )
  assert.match((await on(4)).reasons[0] ?? '', /it is 4 times slower than a usual machine$/)
})

test('what the steps left broken is healed, and how long all took to be well is measured', async context => {
  const steps = [
    { stop: 'etcd 1' },
    { isolate: 194 },
    { 'power-off': 3 },
    { 'stop-service': { vm: 191, service: 'haproxy' } },
  ]
  const played = await play(context, { steps })
  assert.deepEqual(played.record.reasons, [])
  assert.ok(played.record.recoveryMs !== null && played.record.recoveryMs < 2_000)
  assert.ok(played.record.faults.every(({ toMs }) => toMs !== null))
})

test('a step that does not hold is the reason, with what was seen, and the ends of the logs', async context => {
  const { record, failure } = await play(context, {
    steps: [{ stop: 193 }, { check: 'etcd-healthy', within: 2 }],
    meanwhile: [500, world => world.vm(193).logs.append('etcd', 'raft: vm-193 lost its leader\n')],
  })
  assert.equal(record.verdict, 'failed')
  assert.match(record.reasons.join(), /^step: Cannot confirm that the etcd members are healthy: .*2 of 3 healthy/)
  assert.match(failure?.message ?? '', /^Cannot confirm that the etcd members are healthy/)
  assert.deepEqual(record.logs, [{ vm: 'vm-193', log: 'etcd.log', tail: 'raft: vm-193 lost its leader' }])
})

test('an interrupted scenario is no failed one, and leaves the cluster whole', async context => {
  const { record } = await play(context, {
    steps: [{ stop: 193 }, { isolate: 194 }, { 'stop-service': { vm: 195, service: 'etcd' } }, { wait: 600 }],
    meanwhile: [5_000, world => world.ending.abort()],
  })
  assert.equal(record.verdict, 'interrupted')
  assert.ok(record.tookMs < 10_000)
})

test('a write that was acknowledged and is gone from a member fails it, whatever the budgets', async context => {
  const { record } = await play(context, {
    steps: [{ reset: 194 }],
    mischief: { history: (vm, changes) => (vm === 'vm-194' ? changes.slice(0, -1) : changes) },
  })
  assert.match(record.reasons.join(), /^no-lost-writes: .*vm-194 lacks value \d+/)
  assert.equal(record.lostWrites, 1)
})

test('a member that does not report its history fails it, and no write is called lost', async context => {
  const { record } = await play(context, {
    steps: [{ reset: 194 }],
    mischief: { history: (vm, changes) => (vm === 'vm-194' ? undefined : changes) },
  })
  assert.match(record.reasons.join(), /^no-lost-writes: .*vm-194 does not report its history/)
  assert.equal(record.lostWrites, null)
})

test('an error that a service logs again and again where no fault hit is among the reasons, last', async context => {
  const error = 'E0101 00:00:03.000000       1 cacher.go:419] unable to transform key "/registry/secrets/a"\n'
  const before = 'E1231 23:59:03.000000       1 cacher.go:419] from before\n'
  const log = (world: World) => {
    const late = error.replace('unable', 'context canceled: unable')
    world.vm(2).logs.append('kube-apiserver', before.repeat(50) + error.repeat(42) + late.repeat(60))
    world.vm(193).logs.append('etcd', `{"level":"error","ts":"2026-01-01T00:00:03.000Z","msg":"hit"}\n`.repeat(99))
    world.vm(194).logs.append('etcd', `{"level":"error","ts":"2026-01-01T00:00:03.000Z","msg":"rare"}\n`.repeat(9))
  }
  const steps = [{ stop: 193 }, { check: 'etcd-healthy', within: 2 }]
  const { record } = await play(context, { steps, meanwhile: [500, log] })
  assert.deepEqual(record.reasons.slice(1), [
    'logs: vm-002 kube-apiserver, 42 times: unable to transform key "/registry/secrets/a"',
  ])
  const fine = await play(context, { steps: [{ stop: 193 }], meanwhile: [500, log] })
  assert.deepEqual(fine.record.reasons, [])
})

test('members whose histories differ fail it', async context => {
  const { record } = await play(context, {
    steps: [{ check: 'etcd-healthy' }],
    meanwhile: [100, world => world.vm(195).files.set('/hash', 'def')],
  })
  assert.match(record.reasons.join(), /^etcd-hashes-equal: .*vm-193 abc at 500, .*vm-195 def at 500/)
})

test('a VM that goes off by itself is a reason, and is booted again', async context => {
  const { record } = await play(context, {
    steps: [{ wait: 3 }],
    meanwhile: [2_000, world => world.vm(3).powerOff()],
  })
  assert.match(record.reasons.join(), /^no-unexpected-restarts: .*vm-003 went off/)
})

test('a service that ends where no fault hit is a reason, unless it may', async context => {
  const meanwhile = [2_000, (world: World) => end(world.vm(2), 'kube-scheduler')] as const
  const course = { steps: [{ stop: 193 }, { wait: 3 }], meanwhile }
  const { record } = await play(context, course)
  assert.match(record.reasons.join(), /^no-unexpected-restarts: .*vm-002 kube-scheduler/)
  const allowed = await play(context, { ...course, more: { 'may-restart': ['kube-scheduler'] } })
  assert.equal(allowed.record.verdict, 'passed')
  const hit = await play(context, { ...course, steps: [{ stop: 2 }, { wait: 3 }] })
  assert.equal(hit.record.verdict, 'passed')
})

test('a certificate that a client refuses is a reason', async context => {
  const { record } = await play(context, {
    steps: [{ wait: 3 }],
    meanwhile: [
      2_000,
      world =>
        world
          .vm(1)
          .logs.append('kube-apiserver', 'http: TLS handshake error from x:1: remote error: tls: bad certificate\n'),
    ],
  })
  assert.match(
    record.reasons.join(),
    /^no-refused-certificates: .*vm-001 kube-apiserver: 1 × remote error: tls: bad certificate/,
  )
})

test('what is still wrong when the time for recovery is over is a reason, and recovery has no figure', async context => {
  const { record } = await play(context, {
    steps: [{ reset: 193 }],
    budgets: { recovery: 60 },
    meanwhile: [1_200, world => world.vm(4).files.set('/run/kubelet.down', '')],
    options: { giveUpAfterMs: 5_000 },
  })
  assert.equal(record.recoveryMs, null)
  assert.match(record.reasons.join('\n'), /^well-at-the-end: .*the nodes are Ready.*3 of 4 Ready, vm-004 not Ready/m)
  assert.match(record.reasons.join('\n'), /^recovery: has a budget, and no probe measured it$/m)
})

test('two owners of the VIP at the end are one too many', async context => {
  const { record } = await play(context, {
    steps: [{ isolate: { vm: 191, from: [192] } }, { wait: 2 }],
    budgets: { 'vip-owners': 1 },
  })
  assert.match(record.reasons.join('\n'), /^vip-owners: 2, and the budget is 1/m)
})

test('probes that never succeed end it before anything is broken', async context => {
  const { record } = await play(context, {
    ...{ steps: [{ stop: 193 }], budgets: { reads: 'etcd-client', recovery: 60 } },
    mischief: { neverSettles: true },
  })
  assert.deepEqual(record.faults, [])
  assert.match(record.reasons.join('\n'), /step: Cannot probe the cluster; api-write: late/)
  assert.deepEqual(record.measures, [], 'nothing that was measured before it began looks like a pass')
  assert.deepEqual(record.steps.map(({ step, holds, seen }) => [step, holds, seen]).at(0), [
    'probes',
    false,
    'api-write: late',
  ])
})

test('without probes only the steps and what is seen at the end are judged', async context => {
  const { record } = await play(context, { steps: quorumLoss(3), more: { probes: 'none' } })
  assert.deepEqual([record.verdict, record.lostWrites], ['passed', null])
  assert.deepEqual(
    record.measures.map(({ measure }) => measure),
    ['recovery'],
  )
  assert.deepEqual(
    record.invariants.map(({ name }) => name),
    ['etcd-hashes-equal', 'no-unexpected-restarts', 'well-at-the-end'],
  )
})

test('a scenario that is to give up soon does so', async context => {
  const { record } = await play(context, {
    steps: [{ stop: 193 }, { check: 'etcd-healthy' }],
    options: { giveUpAfterMs: 3_000 },
  })
  assert.ok(record.tookMs < 15_000, String(record.tookMs))
})

test('what a scenario reports while it runs is what its record says in the end', async context => {
  const told: ScenarioEvent[] = []
  const { record } = await play(context, {
    steps: [{ stop: 'vip-owner' }, { wait: 6 }, { check: 'vip-held' }, { resume: 'stopped' }],
    options: { tell: event => told.push(parse(scenarioEventSchema, JSON.parse(JSON.stringify(event)))) },
  })
  const dataOf = (...kinds: readonly string[]) =>
    told.filter(({ kind }) => kinds.includes(kind)).map(({ data }) => data)
  assert.deepEqual(told[0], {
    kind: 'scenario-began',
    data: { scenario: 'mine', description: '', cluster: record.cluster.name, defect: null, seed: 1 },
  })
  assert.deepEqual(dataOf('step-ended', 'check-ended'), record.steps)
  assert.deepEqual(dataOf('fault-ended'), record.faults)
  assert.equal(dataOf('step-began', 'check-began').length, record.steps.length)
  const owners = told.flatMap(({ kind, data }) => (kind === 'vip-changed' && data.held ? [data.vm] : []))
  assert.deepEqual(owners.slice(0, 2), ['vm-191', 'vm-192'])
  const order = told.map(({ kind }) => kind)
  assert.ok(order.indexOf('fault-began') < order.indexOf('step-ended'), 'told as it happens, not in the end')
})

test('the record of an upgrade has the versions before and after, and counts the requests that failed', async context => {
  const steps = [{ upgrade: { vm: 'control-plane 1', kubernetes: 'to', programs: ['kube-apiserver'] } }, { wait: 1 }]
  const settings = { kubernetes: '1.35.4', other: { kubernetes: '1.36.3' } }
  const budgets = { 'failed-reads': 0, 'failed-writes': 0 }
  const { record } = await play(context, { steps, budgets, settings })
  assert.deepEqual(record.reasons, [])
  assert.equal(record.cluster.versions.kubernetes, '1.35.4 → 1.35.4, 1.36.3')
  assert.deepEqual(
    record.faults.map(({ fault, detail }) => [fault, detail]),
    [['upgrade', 'kube-apiserver 1.36.3']],
  )
})

test('a patience that makes deadlines no whole number of milliseconds is as good as any other', async context => {
  const { record } = await play(context, { steps: [{ stop: 193 }, { wait: 1 }, { resume: 193 }], patience: 4.1 })
  assert.deepEqual(record.reasons, [])
})
