/** When a poll ends, and with what. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { poll } from '../../src/platform/poll.ts'
import { FakeClock } from './fake-clock.ts'

/** Sees 1, 2, 3 … */
const counter = () => {
  let seen = 0
  return () => ++seen
}

test('the first look that is enough is the answer, and nothing is waited for after it', async () => {
  const clock = new FakeClock()
  assert.equal(await poll(counter(), seen => seen === 3, { everyMs: 10, clock }), 3)
  assert.deepEqual(clock.slept, [10, 10])
})

test('what holds at once is not waited for', async () => {
  const clock = new FakeClock()
  assert.equal(await poll(counter(), () => true, { everyMs: 10, withinMs: 0, clock }), 1)
  assert.deepEqual(clock.slept, [])
})

test('when the time is over, the last look is the answer', async () => {
  const clock = new FakeClock()
  assert.equal(await poll(counter(), () => false, { everyMs: 10, withinMs: 35, clock }), 4)
  assert.equal(clock.monotonicMs(), 30)
})

test('what a look takes counts', async () => {
  const clock = new FakeClock()
  const look = counter()
  const slow = async () => {
    clock.pass(20)
    return look()
  }
  assert.equal(await poll(slow, () => false, { everyMs: 10, withinMs: 50, clock }), 2)
})

test('a wait that is aborted ends with what was seen before', async () => {
  const stop = new AbortController()
  const look = counter()
  const seen = await poll(
    () => {
      const count = look()
      if (count === 2) stop.abort()
      return count
    },
    () => false,
    { everyMs: 10, signal: stop.signal, clock: new FakeClock() },
  )
  assert.equal(seen, 2)
})

test('a signal that aborts during the sleep ends it', async () => {
  const stop = new AbortController()
  const clock = new FakeClock()
  const sleep = async (ms: number) => {
    await clock.sleep(ms)
    stop.abort()
    throw stop.signal.reason
  }
  const pace = { everyMs: 10, signal: stop.signal, clock: { monotonicMs: () => clock.monotonicMs(), sleep } }
  assert.equal(await poll(counter(), () => false, pace), 1)
})

test('a look that throws ends it', async () => {
  const look = () => {
    throw new Error('gone')
  }
  await assert.rejects(
    poll(look, () => true, { everyMs: 10, clock: new FakeClock() }),
    /gone/,
  )
})
