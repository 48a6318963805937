/** A VM that runs, stands still, or is off; and what is left of it when it boots again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Vm } from '../../../src/drivers/driver.ts'
import { unwrap } from '../../cluster-data/sample.ts'
import { type Bench, spec, withoutFirst } from './bench.ts'
import { busybox, kindOf, messageOf, places, read, readAll, run, writeAll } from './guest.ts'

export function stateTests(bench: Bench): void {
  const { driver } = bench.subject

  test('a cluster has the VMs that were planned, which run and reach each other; so do clients', async () => {
    assert.deepEqual(bench.cluster.spec, spec)
    for (const vm of bench.cluster.vms) assert.equal(await vm.state(), 'running')
    await bench.allReachable()
  })

  test('a cluster is found by its state folder, and only by that', async () => {
    const found = await driver.find(bench.cluster.stateDir)
    assert.deepEqual([found?.name, found?.spec], ['shared', spec])
    assert.equal((await run(found?.vms[1] ?? bench.two, 'cat', '/etc/edition')).stdout, 'first\n')
    assert.equal(await driver.find(`${bench.cluster.stateDir}-other`), undefined)
  })

  test('each VM has a machine id of its own, which stays', async () => {
    const idOf = (vm: Vm) => read(vm, '/etc/machine-id')
    const ids = await Promise.all(bench.cluster.vms.map(idOf))
    for (const id of ids) assert.match(id ?? '', /^[0-9a-f]{32}\n$/)
    assert.equal(new Set(ids).size, ids.length)
    unwrap(await bench.one.reset())
    assert.deepEqual(await Promise.all(bench.cluster.vms.map(idOf)), ids)
  })

  test('a stopped VM stands still and is silent, and goes on where it was', async () => {
    const sleeping = bench.one.exec(busybox('sleep', '0.2'), { timeoutMs: 60_000 })
    unwrap(await bench.one.stop())
    assert.equal(await bench.one.state(), 'stopped')
    assert.deepEqual(await bench.reachable(), withoutFirst)
    assert.match(messageOf(await bench.one.exec(busybox('echo'), { timeoutMs: 300 })), /still running after 300 ms/)
    assert.equal(kindOf(await bench.one.boot()), 'usage')
    unwrap(await bench.one.resume())
    assert.equal(await bench.one.state(), 'running')
    assert.equal(unwrap(await sleeping).exitCode, 0)
    await bench.allReachable()
    assert.equal(kindOf(await bench.one.resume()), 'usage')
  })

  for (const from of ['running', 'stopped'] as const)
    test(`a reset of a VM that is ${from} boots it from its disk`, async () => {
      await writeAll(bench.one)
      if (from === 'stopped') unwrap(await bench.one.stop())
      unwrap(await bench.one.reset())
      assert.equal(await bench.one.state(), 'running')
      assert.deepEqual(await readAll(bench.one), { disk: 'kept', root: 'kept', memory: undefined })
      await bench.allReachable()
    })

  test('a VM without power runs nothing, and boots from its disk', async () => {
    await writeAll(bench.one)
    const begun = Promise.withResolvers<void>()
    const onOutput = () => begun.resolve()
    const running = bench.one.exec(busybox('tail', '-f', places.memory), { timeoutMs: 60_000, onOutput })
    await begun.promise
    unwrap(await bench.one.powerOff())
    assert.equal((await running).ok, false)
    assert.equal(await bench.one.state(), 'off')
    assert.equal((await bench.one.exec(busybox('echo'), { timeoutMs: 1_000 })).ok, false)
    assert.equal(bench.one.commandLine(busybox('echo')).ok, false)
    assert.equal(kindOf(await bench.one.stop()), 'usage')
    assert.deepEqual(await bench.reachable(), withoutFirst)
    unwrap(await bench.one.boot())
    assert.equal(await bench.one.state(), 'running')
    assert.deepEqual(await readAll(bench.one), { disk: 'kept', root: 'kept', memory: undefined })
    await bench.allReachable()
  })

  test('a VM sees its own folders of a layer, and not those of others: from the first boot, and when it is renewed', async () => {
    const others = (name: string) => ['vm-193', 'vm-194', 'vm-195'].map(vm => (vm === name ? `${vm}\n` : undefined))
    const seen = (vm: Vm) => Promise.all(['vm-193', 'vm-194', 'vm-195'].map(name => read(vm, `/etc/own/${name}/name`)))
    for (const vm of bench.cluster.vms) assert.deepEqual(await seen(vm), others(vm.spec.name))
    unwrap(await bench.one.reset())
    assert.deepEqual(await seen(bench.one), others('vm-193'))
    unwrap(await bench.one.renew())
    assert.deepEqual(await seen(bench.one), others('vm-193'))
  })

  test('a renewed VM has a new root from the latest layers, and its disks; others go on', async () => {
    await writeAll(bench.one)
    unwrap(await bench.cluster.replaceLayers(bench.subject.layers('second')))
    assert.equal(await read(bench.two, '/etc/edition'), 'first\n')
    unwrap(await bench.one.renew())
    assert.deepEqual(await readAll(bench.one), { disk: 'kept', root: undefined, memory: undefined })
    assert.equal(await read(bench.one, '/etc/edition'), 'second\n')
    unwrap(await bench.two.reset())
    assert.equal(await read(bench.two, '/etc/edition'), 'first\n')
  })
}
