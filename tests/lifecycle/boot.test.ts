/** Which VMs boot when a cluster is wanted, which go on, and what is said of it. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { bootAll, bootOrReuse } from '../../src/lifecycle/boot-cluster.ts'
import { keptDescription } from '../../src/lifecycle/cluster-description.ts'
import { unwrap } from '../cluster-data/sample.ts'
import { type Changes, etcdOnly, makeProject } from './fixture.ts'

/** A cluster that an earlier run kept, and a second run that wants it so. */
async function again(context: TestContext, changes: Changes, { keep = true }: { readonly keep?: boolean } = {}) {
  const project = makeProject(context)
  const first = unwrap(await bootOrReuse(project.wanted(), project.around({ keep: 'true' })))
  first.cluster.keep()
  const former = await project.driver.find(first.cluster.stateDir)
  assert.ok(former)
  return {
    ...project,
    former,
    second: async () => {
      project.lines.length = 0
      return bootOrReuse(project.wanted(changes), project.around(keep ? { keep: 'true' } : {}))
    },
  }
}

test('where there is no cluster all VMs boot, and what they were made of is kept', async context => {
  const { driver, lines, wanted, around } = makeProject(context)
  const { cluster, note, isReused } = unwrap(await bootOrReuse(wanted(), around()))
  assert.deepEqual([note, isReused], ['', false])
  assert.deepEqual(lines, ['booting 3 VMs', '3 VMs booted: vm-193, vm-194, vm-195'])
  assert.deepEqual(keptDescription(cluster.stateDir)?.files, wanted().description.files)
  assert.equal(driver.inUseBy(cluster.stateDir), process.pid)
})

test('a kept cluster that is as wanted goes on, and is this run’s', async context => {
  const { former, second, driver } = await again(context, {})
  const { cluster, note, isReused } = unwrap(await second())
  assert.deepEqual([note, isReused], ['still running', true])
  assert.equal(cluster, former)
  assert.deepEqual(
    former.vms.map(({ boots }) => boots),
    [1, 1, 1],
  )
  assert.equal(driver.inUseBy(former.stateDir), process.pid)
})

test('only the VM whose files changed boots anew, from the latest layers, and both are named', async context => {
  const { former, second, lines } = await again(context, { files: { 'etc/k8s-ha/vm-194/etcd.yaml': 'changed' } })
  const { note } = unwrap(await second())
  assert.equal(note, 'still running, booted anew: vm-194 (etcd.yaml)')
  assert.deepEqual(lines, ['vm-194: etcd.yaml changed, boots anew', '2 of 3 VMs are as wanted, and go on'])
  assert.deepEqual(
    former.vms.map(({ boots }) => boots),
    [1, 2, 1],
  )
  assert.match(former.vms[1]?.read('/files') ?? '', /changed/)
  assert.match(keptDescription(former.stateDir)?.files['etc/k8s-ha/vm-194/etcd.yaml'] ?? '', /changed/)
})

test('whatever was left stopped, off or cut off is mended first', async context => {
  const { former, second } = await again(context, {})
  const [one, two, three] = former.vms
  await one?.stop()
  await two?.powerOff()
  await three?.isolate({ direction: 'both' })
  unwrap(await second())
  assert.deepEqual(await Promise.all(former.vms.map(vm => vm.state())), ['running', 'running', 'running'])
  assert.equal(three?.cut, undefined)
})

const replaced: readonly (readonly [why: string, changes: Changes, because: RegExp])[] = [
  ['its VMs are other ones', { spec: etcdOnly('193-194') }, /: its VMs or addresses are other ones$/],
  ['the image changed', { image: 'another' }, /: the image or the programs of all VMs changed$/],
  ['every VM changed', { files: { 'etc/hosts': 'changed' } }, /: every VM changed \(hosts\)$/],
]
for (const [why, changes, because] of replaced)
  test(`a kept cluster is replaced when ${why}, and that is said`, async context => {
    const { former, second, driver } = await again(context, changes)
    const { note, cluster } = unwrap(await second())
    assert.match(note, /^in place of the former "mine"/)
    assert.match(note, because)
    assert.notEqual(cluster, former)
    assert.equal(await driver.find(cluster.stateDir), cluster)
    assert.deepEqual(
      await Promise.all(former.vms.map(vm => vm.state())),
      former.vms.map(() => 'off'),
    )
  })

test('a kept cluster that does not run any more is replaced', async context => {
  const { former, second } = await again(context, {})
  former.isGone = true
  assert.match(unwrap(await second()).note, /: it does not run$/)
})

test('without --keep a run has a new cluster, however well the former is', async context => {
  const { former, second } = await again(context, {}, { keep: false })
  const { note, cluster, isReused } = unwrap(await second())
  assert.deepEqual([note, isReused], ['in place of the former "mine"', false])
  assert.notEqual(cluster, former)
})

test('a kept cluster that cannot be mended is a failure', async context => {
  const { former, second, driver } = await again(context, {})
  await former.vms[0]?.powerOff()
  driver.onBoot = () => ({ ok: false, failure: { kind: 'failed', message: 'no room to boot' } })
  const booted = await second()
  assert.equal(booted.ok ? '' : booted.failure.message, 'no room to boot')
})

test('when a VM does not boot that is a failure, and what runs stays for whoever looks for its logs', async context => {
  const { driver, wanted, around } = makeProject(context)
  driver.onBoot = vm => {
    vm.logs.append('boot', 'it began\n')
    return vm.spec.id === 194
      ? { ok: false, failure: { kind: 'failed', message: 'vm-194 hangs' } }
      : { ok: true, value: undefined }
  }
  const booted = await bootAll(wanted(), '', around())
  assert.equal(booted.ok ? '' : booted.failure.message, 'vm-194 hangs')
  assert.ok(existsSync(wanted().stateDir))
  assert.deepEqual([...driver.logs(wanted().stateDir).keys()], ['vm-193', 'vm-194', 'vm-195'])
})

test('an interruption while VMs boot is told as one', async context => {
  const { driver, wanted, around } = makeProject(context)
  const ending = new AbortController()
  driver.onBoot = () => {
    ending.abort()
    return { ok: true, value: undefined }
  }
  const booted = await bootAll(wanted(), '', around({}, ending.signal))
  assert.equal(booted.ok ? '' : booted.failure.kind, 'interrupted')
})
