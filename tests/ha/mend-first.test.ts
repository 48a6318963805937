/** A scenario begins on a cluster whose VMs run, whatever an earlier one left. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { timersOf } from '../../src/cluster/timers.ts'
import { FakeDriver } from '../../src/drivers/fake/fake-driver.ts'
import { mendFirst } from '../../src/ha/scenario/mend-first.ts'
import { failed } from '../../src/platform/failure.ts'
import { fail } from '../../src/platform/result.ts'
import { specWith, unwrap } from '../cluster-data/sample.ts'

const { signal } = new AbortController()
const timers = timersOf('default', { preempt: true })

/** VMs on which nothing runs, so that nothing has to become well. */
async function testers(t: TestContext) {
  const stateDir = join(mkdtempSync(join(tmpdir(), 'k8s-ha-mend-')), 'cluster')
  t.after(() => rmSync(join(stateDir, '..'), { recursive: true, force: true }))
  const spec = specWith({ k8sDisable: true, etcdVms: '', lbVms: '', masters: '', nvm: 0, nrouters: 0, ntesters: 3 })
  const driver = new FakeDriver()
  const cluster = unwrap(await driver.create({ name: 'test', spec, layers: [], stateDir }, signal))
  const lines: string[] = []
  const mend = () => mendFirst({ cluster, timers, signal, log: line => lines.push(line), withinMs: 1_000 })
  const states = () => Promise.all(cluster.vms.map(vm => vm.state()))
  return { driver, vms: cluster.vms, lines, mend, states }
}

test('VMs that an earlier scenario left stopped or off run again, and are named', async t => {
  const { vms, lines, mend, states } = await testers(t)
  await vms[0]?.stop()
  await vms[2]?.powerOff()
  assert.deepEqual(await states(), ['stopped', 'running', 'off'])
  unwrap(await mend())
  assert.deepEqual(await states(), ['running', 'running', 'running'])
  assert.deepEqual(lines, ['an earlier scenario left vm-221, vm-223 stopped or off: mended first'])
})

test('where every VM runs nothing is done', async t => {
  const { lines, mend } = await testers(t)
  unwrap(await mend())
  assert.deepEqual(lines, [])
})

test('a VM that does not boot is a failure before the scenario begins', async t => {
  const { driver, vms, mend } = await testers(t)
  await vms[1]?.powerOff()
  driver.onBoot = () => fail(failed('Cannot start VM "vm-222"'))
  const mended = await mend()
  assert.ok(!mended.ok)
  assert.match(mended.failure.message, /vm-222/)
})
