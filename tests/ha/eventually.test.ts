/** When a claim is taken as true, when it is given up, and what is said then. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../src/ha/checks/eventually.ts'
import { unwrap } from '../cluster-data/sample.ts'
import { useFakeClock } from '../platform/fake-clock.ts'

const claim = 'water is wet'
const options = (signal = new AbortController().signal) => ({ claim, timeoutMs: 1_000, intervalMs: 200, signal })

/** Sees "1", "2" …, and holds from that one on. */
const from = (first: number) => {
  let tries = 0
  return async () => ({ seen: String(++tries), holds: tries >= first })
}

test('what holds at once is looked at once', async context => {
  const clock = useFakeClock(context)
  assert.deepEqual(unwrap(await eventually(from(1), options())), { seen: '1', holds: true, tookMs: 0, tries: 1 })
  assert.deepEqual(clock.slept, [])
})

test('what holds later is looked at until then', async context => {
  useFakeClock(context)
  assert.deepEqual(unwrap(await eventually(from(4), options())), { seen: '4', holds: true, tookMs: 600, tries: 4 })
})

test('what never holds is given up in time, with the last look', async context => {
  const clock = useFakeClock(context)
  const held = await eventually(from(99), options())
  assert.ok(!held.ok)
  assert.equal(held.failure.message, 'Cannot confirm that water is wet: it did not hold within 1 s')
  assert.equal(held.failure.last, '6 (observed 6 times)')
  assert.equal(clock.monotonicMs(), 1_000)
})

test('a look that takes longer than the limit is the only one', async context => {
  const clock = useFakeClock(context)
  const slow = async () => {
    clock.pass(5_000)
    return { seen: 'nothing', holds: false }
  }
  const held = await eventually(slow, options())
  assert.equal(held.ok ? '' : held.failure.last, 'nothing (observed 1 time)')
})

test('an interruption is no verdict, even when the claim held just then', async context => {
  useFakeClock(context)
  const ending = new AbortController()
  const look = async () => {
    ending.abort()
    return { seen: 'wet', holds: true }
  }
  const held = await eventually(look, options(ending.signal))
  assert.equal(held.ok ? '' : held.failure.kind, 'interrupted')
  const again = await eventually(() => assert.fail('nobody looks any more'), options(ending.signal))
  assert.equal(again.ok ? '' : again.failure.message, 'Interrupted while checking that water is wet')
})
