/** Cuts and losses: who hears whom. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unwrap } from '../../cluster-data/sample.ts'
import { type Bench, withoutFirst } from './bench.ts'
import { addressOf, answers, heardBy, run } from './guest.ts'

export function networkTests(bench: Bench): void {
  test('an isolated VM hears nobody and is not heard, until it is healed; also after a reset', async context => {
    if (bench.lacks(context, 'isolate')) return
    unwrap(await bench.one.isolate({ direction: 'both' }))
    assert.deepEqual(await bench.reachable(), ['1 2', '1 3', ...withoutFirst])
    unwrap(await bench.one.reset())
    assert.equal(await answers(bench.two, bench.one), false)
    unwrap(await bench.one.heal())
    await bench.allReachable()
  })

  test('a VM is isolated from some and reaches all others', async context => {
    if (bench.lacks(context, 'isolate')) return
    unwrap(await bench.one.isolate({ direction: 'both', from: [bench.three.spec.id] }))
    unwrap(await bench.one.isolate({ direction: 'both', from: [bench.two.spec.id] }))
    assert.deepEqual(await bench.reachable(), ['1 2', '2 1'])
    unwrap(await bench.one.heal())
  })

  test('a VM that is cut one way is deaf, or dumb, and not both', async context => {
    if (bench.lacks(context, 'isolate')) return
    unwrap(await bench.one.isolate({ direction: 'in' }))
    assert.equal(await heardBy(bench.one, bench.two), 0)
    assert.ok((await heardBy(bench.two, bench.one)) > 1, 'others hear the deaf one')
    unwrap(await bench.one.isolate({ direction: 'out' }))
    assert.ok((await heardBy(bench.one, bench.two)) > 1, 'the dumb one hears others')
    assert.equal(await answers(bench.two, bench.one), false)
    unwrap(await bench.one.heal())
    await bench.allReachable()
  })

  test('frames get lost as often as was said', async context => {
    if (bench.lacks(context, 'loss')) return
    unwrap(await bench.one.lose({ percent: 100, seed: 1 }))
    assert.equal(await answers(bench.two, bench.one), false)
    unwrap(await bench.one.lose({ percent: 50, seed: 1 }))
    const { stdout } = await run(bench.two, 'ping', '-c', '40', '-i', '0.05', '-W', '1', addressOf(bench.one))
    const [, received] = /(\d+) packets received/.exec(stdout) ?? []
    assert.ok(Number(received) > 0 && Number(received) < 40, stdout)
    unwrap(await bench.one.heal())
    await bench.allReachable()
  })
}
