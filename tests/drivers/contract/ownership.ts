/** Whose a cluster is, and that nothing is left of one that is nobody’s. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unwrap } from '../../cluster-data/sample.ts'
import { type Bench, never } from './bench.ts'
import { kindOf, read } from './guest.ts'

export function ownershipTests(bench: Bench): void {
  const { driver } = bench.subject

  test('a cluster is its maker’s until that has kept it, and its next user’s from then on', async () => {
    assert.equal(driver.inUseBy(bench.cluster.stateDir), process.pid)
    assert.equal(bench.cluster.keep(), true)
    assert.equal(driver.inUseBy(bench.cluster.stateDir), undefined)
    assert.deepEqual(unwrap(await driver.sweep(bench.clustersDir)), [])
    bench.cluster.adopt()
    assert.equal(driver.inUseBy(bench.cluster.stateDir), process.pid)
    assert.deepEqual(unwrap(await driver.sweep(bench.clustersDir)), [])
    assert.equal(await bench.two.state(), 'running')
  })

  test('a cluster that is interrupted while it boots says so, and goes', async () => {
    const plan = bench.planOf('interrupted')
    assert.equal(kindOf(await driver.create(plan, AbortSignal.abort())), 'interrupted')
    unwrap(await driver.remove(plan.stateDir))
    bench.assertGone(plan)
  })

  test('what is removed leaves nothing, however often it is removed; others stay', async () => {
    const plan = bench.planOf('removed')
    const made = unwrap(await driver.create(plan, never))
    const [first] = made.vms
    assert.ok(first)
    unwrap(await first.stop())
    assert.notDeepEqual(bench.subject.remains(plan.stateDir), [])
    unwrap(await made.destroy())
    bench.assertGone(plan)
    unwrap(await made.destroy())
    unwrap(await driver.remove(plan.stateDir))
    assert.equal(await driver.find(plan.stateDir), undefined)
    await bench.allReachable()
  })

  for (const when of ['booting', 'running'] as const)
    test(`what a process left that was killed while its VMs were ${when} is swept up`, async () => {
      const plan = bench.planOf(`killed-${when}`)
      await bench.subject.makeAndDie(plan, when)
      assert.equal(driver.inUseBy(plan.stateDir), undefined)
      assert.deepEqual(unwrap(await driver.sweep(bench.clustersDir)), [plan.name])
      bench.assertGone(plan)
      assert.equal(await bench.one.state(), 'running')
    })

  test('a cluster that was kept outlives its maker, and another process finds it', async () => {
    const plan = bench.planOf('kept')
    await bench.subject.makeAndDie(plan, 'kept')
    assert.deepEqual(unwrap(await driver.sweep(bench.clustersDir)), [])
    const found = await driver.find(plan.stateDir)
    assert.ok(found)
    assert.equal(found.keep(), false, 'only its owner may keep it')
    found.adopt()
    assert.equal(await read(found.vms[2] ?? bench.three, '/etc/edition'), 'first\n')
    unwrap(await found.destroy())
    bench.assertGone(plan)
  })
}
