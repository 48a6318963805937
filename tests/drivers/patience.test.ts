/** How much longer than usual clusters may take on a machine, and that deadlines of drivers follow it. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { chooseDriver } from '../../src/drivers/choose-driver.ts'
import { FakeDriver } from '../../src/drivers/fake/fake-driver.ts'
import { patienceFor, patienceOf } from '../../src/drivers/patience.ts'
import { patienceForm } from '../../src/drivers/patience-form.ts'
import { cpuSlowness, slowness, slownessOf } from '../../src/drivers/slowness.ts'
import { sleep } from '../../src/platform/clock.ts'
import { specWith, unwrap } from '../cluster-data/sample.ts'
import { useFakeClock } from '../platform/fake-clock.ts'

test('what the setting says counts, and only `auto` or a number from 1 to 100 is taken', () => {
  assert.equal(patienceOf(new Map([['patience', '2.5']])), 2.5)
  const taken = ['auto', '1', '2.5', '10', '99.9', '100'].filter(text => patienceForm.test.test(text))
  assert.deepEqual(taken, ['auto', '1', '2.5', '10', '99.9', '100'])
  const refused = ['0', '0.5', '-1', '101', '1e3', '', 'slow', '2,5', '1000'].filter(text =>
    patienceForm.test.test(text),
  )
  assert.deepEqual(refused, [])
})

const auto = (slowness: number, cpuWait: number, cpuSlowness = slowness) =>
  patienceFor({ slowness, cpuSlowness, cpuWait })

test('by itself it follows from how slow the machine is and how long work waits for a CPU', () => {
  assert.equal(auto(1, 0), 1)
  assert.equal(auto(10, 0), 10)
  assert.equal(auto(1, 1), 2)
  assert.equal(auto(4, 0.5), 6)
})

test('what keeps the start of programs waiting counts once', () => {
  assert.equal(auto(1.9, 1, 1), 2)
  assert.equal(auto(3, 1, 1), 3)
})

test('a usual machine that is a little busy stretches nothing, and no machine stretches without end', () => {
  assert.equal(auto(1, 0.4), 1)
  assert.equal(auto(90, 1), 100)
})

test('the slower of computing and starting programs decides, and small differences do not', () => {
  assert.equal(slownessOf({ computeMs: 20, startMs: 1 }), 1)
  assert.equal(slownessOf({ computeMs: 50, startMs: 5 }), 1)
  assert.equal(slownessOf({ computeMs: 400, startMs: 1 }), 10)
  assert.equal(slownessOf({ computeMs: 20, startMs: 32 }), 8)
})

test('a machine measures itself once, in far less time than a cluster needs to boot', () => {
  const first = slowness()
  assert.ok(first >= 1)
  assert.equal(slowness(), first)
  assert.ok(cpuSlowness() >= 1 && cpuSlowness() <= first)
})

test('choosing a driver measures nothing: most commands need no cluster', () => {
  const settings = new (class extends Map<string, string> {
    override get(name: string): string | undefined {
      assert.notEqual(name, 'patience')
      return super.get(name)
    }
  })()
  assert.ok(chooseDriver(settings).ok)
})

test('programs on a VM and of clients have as much more time as the cluster has patience', async context => {
  useFakeClock(context)
  const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-patience-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const driver = new FakeDriver()
  driver.patience = 3
  driver.programs.set('slow', async () => {
    await sleep(2_000)
    return {}
  })
  const plan = { name: 'mine', spec: specWith(), layers: [], stateDir: join(folder, 'mine') }
  const cluster = unwrap(await driver.create(plan, new AbortController().signal))
  for (const place of [cluster.vms[0], cluster.client]) {
    assert.equal(place?.patience, 3)
    assert.ok((await place?.exec(['slow'], { timeoutMs: 1_000 }))?.ok)
    assert.equal((await place?.exec(['slow'], { timeoutMs: 500 }))?.ok, false)
  }
})
