/** What each fault does to a VM, what it says, and that healing undoes whatever a scenario left. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { parse } from 'valibot'
import { faultTypes, faultVerbs } from '../../src/ha/faults/faults.ts'
import { healAll } from '../../src/ha/faults/heal-all.ts'
import type { FaultSpan } from '../../src/ha/record/record.ts'
import { ok } from '../../src/platform/result.ts'
import { World } from './world/world.ts'

const make = (context: TestContext) => World.make(context, { etcdDisk: 256 })

/** Its detail, or why it could not be. */
async function inject(world: World, verb: string, id: number, options: object = {}): Promise<string> {
  const fault = faultTypes.get(verb) ?? assert.fail(`there is no fault ${verb}`)
  const { cluster, signal } = world
  const idsOf = async (targets: readonly (string | number)[]) => ok(targets.map(Number))
  const done = await fault.inject(world.vm(id), parse(fault.schema, options), { cluster, signal, seed: 7, idsOf })
  return done.ok ? done.value : `${done.failure.message}: ${done.failure.last ?? ''}`
}

/** Of a VM, all that faults change. */
async function stateOf(world: World, id: number) {
  const { cut, loss, writesPerSecond, files } = world.vm(id)
  const down = [...files.keys()].filter(file => /(\.down|\.frozen|filler)$/.test(file))
  return { state: await world.vm(id).state(), cut, loss: loss?.percent, writesPerSecond, down, alarm: world.alarm }
}

const whole = { state: 'running', cut: undefined, loss: undefined, writesPerSecond: undefined, down: [], alarm: false }

type Fault = readonly [verb: string, options: object, detail: string, after: Partial<typeof whole> | object]

/** Those that last, with what undoes them. */
const lasting: readonly (readonly [fault: Fault, undo: string, options?: object])[] = [
  [['stop', {}, '', { state: 'stopped' }], 'resume'],
  [['power-off', {}, '', { state: 'off' }], 'boot'],
  [['isolate', {}, 'from everyone', { cut: { direction: 'both' } }], 'heal'],
  [
    ['isolate', { from: [194], direction: 'in' }, 'from 194, in only', { cut: { direction: 'in', from: [194] } }],
    'heal',
  ],
  [
    ['isolate', { from: ['etcd', 191] }, 'from etcd, 191', { cut: { direction: 'both', from: [191, 194, 195] } }],
    'heal',
  ],
  [['loss', { percent: 10 }, '10 %', { loss: 10 }], 'heal'],
  [['slow-disk', { 'writes-per-second': 5 }, '5 writes/s', { writesPerSecond: 5 }], 'heal'],
  [['fill-disk', {}, '120 MiB', { down: ['/var/lib/etcd/filler'] }], 'free-disk'],
  [['alarm', {}, 'NOSPACE', { alarm: true }], 'disarm'],
  [
    ['stop-service', { service: 'etcd' }, 'etcd, TERM', { down: ['/run/etcd.down'] }],
    'start-service',
    { service: 'etcd' },
  ],
  [['freeze', { service: 'etcd' }, 'etcd', { down: ['/run/etcd.frozen'] }], 'thaw', { service: 'etcd' }],
]

for (const [[verb, options, detail, after], undo, more] of lasting)
  test(`${verb} ${JSON.stringify(options)} lasts until ${undo}`, async context => {
    const world = await make(context)
    assert.equal(await inject(world, verb, 193, options), detail)
    assert.deepEqual(await stateOf(world, 193), { ...whole, ...after })
    await inject(world, undo, 193, more)
    assert.deepEqual(await stateOf(world, 193), whole)
  })

test('a reset boots a VM anew, also a stopped one, with its services and a disk at full speed', async context => {
  const world = await make(context)
  for (const [verb, options] of [
    ['stop-service', { service: 'etcd' }],
    ['freeze', { service: 'etcd' }],
    ['slow-disk', {}],
    ['stop', {}],
    ['reset', {}],
  ] as const)
    await inject(world, verb, 193, options)
  assert.deepEqual(await stateOf(world, 193), whole)
  assert.equal(world.vm(193).boots, 2)
})

test('a disk is lost with what was on it, while the VM is off', async context => {
  const world = await make(context)
  world.vm(193).files.set('/var/lib/etcd/member', 'data')
  assert.match(await inject(world, 'lose-disk', 193), /^Cannot lose the disk of "vm-193": the VM is on/)
  await inject(world, 'power-off', 193)
  assert.equal(await inject(world, 'lose-disk', 193), '')
  await inject(world, 'boot', 193)
  assert.equal(world.vm(193).read('/var/lib/etcd/member'), undefined)
})

test('a killed service is started again by its supervisor', async context => {
  const world = await make(context)
  assert.equal(await inject(world, 'kill', 191, { service: 'haproxy' }), 'haproxy, KILL')
  assert.deepEqual(await stateOf(world, 191), whole)
  assert.match(await world.vm(191).logs.read('haproxy'), /^supervise: haproxy ended/)
})

test('a fault inside a VM that does not answer says where and why', async context => {
  const world = await make(context)
  await world.vm(193).stop()
  for (const [verb, options, words] of [
    ['kill', { service: 'etcd' }, /^Cannot kill etcd KILL on "vm-193": .*still running after 10000 ms/],
    ['alarm', {}, /^Cannot raise etcd's NOSPACE alarm on "vm-193": .*still running/],
    ['fill-disk', {}, /^Cannot fill the disk of "vm-193": .*still running after 30000 ms/],
  ] as const)
    assert.match(await inject(world, verb, 193, options), words)
})

test('a fault that a VM in that state cannot have says so', async context => {
  const world = await make(context)
  assert.match(await inject(world, 'resume', 193), /^Cannot resume "vm-193": it is not stopped/)
  assert.match(await inject(world, 'boot', 193), /^Cannot boot "vm-193": it is already on/)
  assert.match(await inject(world, 'slow-disk', 3), /^Cannot slow the disks of "vm-003": it has none/)
})

test('isolated from a VM that is not known, nothing is cut', async context => {
  const world = await make(context)
  const fault = faultTypes.get('isolate') ?? assert.fail()
  const idsOf = async () => ({ ok: false, failure: { kind: 'failed', message: 'nobody leads' } }) as const
  const { cluster, signal } = world
  const options = parse(fault.schema, { from: ['etcd-leader'] })
  const cut = await fault.inject(world.vm(193), options, { cluster, signal, seed: 0, idsOf })
  assert.equal(cut.ok ? '' : cut.failure.message, 'nobody leads')
  assert.deepEqual(await stateOf(world, 193), whole)
})

test('isolated from a role that no other VM has, nothing is cut', async context => {
  const world = await make(context)
  assert.match(await inject(world, 'isolate', 201, { from: ['router'] }), /^Cannot isolate "vm-201": .*no other VM/)
  assert.deepEqual(await stateOf(world, 201), whole)
})

test('every fault that lasts is undone by another', () => {
  const undone = new Set([...faultTypes.values()].flatMap(({ ends = [] }) => ends))
  const lasts = faultVerbs.filter(verb => faultTypes.get(verb)?.effect === 'began')
  assert.deepEqual(
    lasts.filter(verb => !undone.has(verb)),
    [],
  )
})

const span = (fault: string, id: number): FaultSpan => ({ fault, vm: `vm-${id}`, detail: null, fromMs: 0, toMs: null })
const heal = ({ cluster, signal }: World, ids: readonly number[], open: readonly FaultSpan[]) =>
  healAll({ cluster, vms: cluster.vms.filter(({ spec }) => ids.includes(spec.id)), signal, open })

test('healing undoes all at once, whatever was done to whom', async context => {
  const world = await make(context)
  const ids = [191, 193, 194, 195]
  await inject(world, 'stop', 193)
  await inject(world, 'isolate', 193)
  await inject(world, 'slow-disk', 194)
  await inject(world, 'fill-disk', 194)
  await inject(world, 'alarm', 194)
  await inject(world, 'power-off', 195)
  await inject(world, 'stop-service', 191, { service: 'haproxy' })
  await inject(world, 'freeze', 194, { service: 'etcd' })
  const healed = await heal(world, ids, [span('alarm', 194), span('stop-service', 191), span('freeze', 194)])
  assert.equal(healed.ok, true)
  for (const id of ids) assert.deepEqual(await stateOf(world, id), whole, String(id))
})

test('healing does not look at VMs that nothing hit', async context => {
  const world = await make(context)
  await world.vm(3).stop()
  assert.equal((await heal(world, [193], [])).ok, true)
  assert.equal(await world.vm(3).state(), 'stopped')
})

test('what cannot be healed is told, and the rest is healed all the same', async context => {
  const world = await make(context)
  await inject(world, 'stop', 193)
  await inject(world, 'power-off', 194)
  await inject(world, 'isolate', 195)
  world.driver.onBoot = () => ({ ok: false, failure: { kind: 'failed', message: 'no room to boot' } })
  const healed = await heal(world, [193, 194, 195], [])
  assert.equal(healed.ok ? '' : healed.failure.message, 'no room to boot')
  assert.deepEqual([await stateOf(world, 193), await stateOf(world, 195)], [whole, whole])
})
