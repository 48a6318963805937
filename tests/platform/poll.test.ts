/** When a poll ends, and with what. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { poll } from '../../src/platform/poll.ts'
import { useFakeClock } from './fake-clock.ts'

/** Sees 1, 2, 3 … */
const counter = () => {
  let seen = 0
  return () => ++seen
}

test('the first look that is enough is the answer, and nothing is waited for after it', async context => {
  const clock = useFakeClock(context)
  assert.equal(await poll(counter(), seen => seen === 3, { everyMs: 10 }), 3)
  assert.deepEqual(clock.slept, [10, 10])
})

test('what holds at once is not waited for', async context => {
  const clock = useFakeClock(context)
  assert.equal(await poll(counter(), () => true, { everyMs: 10, withinMs: 0 }), 1)
  assert.deepEqual(clock.slept, [])
})

test('when the time is over, the last look is the answer', async context => {
  const clock = useFakeClock(context)
  assert.equal(await poll(counter(), () => false, { everyMs: 10, withinMs: 35 }), 4)
  assert.equal(clock.monotonicMs(), 30)
})

test('what a look takes counts', async context => {
  const clock = useFakeClock(context)
  const look = counter()
  const slow = async () => {
    clock.pass(20)
    return look()
  }
  assert.equal(await poll(slow, () => false, { everyMs: 10, withinMs: 50 }), 2)
})

test('a wait that is aborted ends with what was seen before', async context => {
  useFakeClock(context)
  const stop = new AbortController()
  const look = counter()
  const seen = await poll(
    () => {
      const count = look()
      if (count === 2) stop.abort()
      return count
    },
    () => false,
    { everyMs: 10, signal: stop.signal },
  )
  assert.equal(seen, 2)
})

test('a signal that aborts during the sleep ends it', async context => {
  const clock = useFakeClock(context)
  const stop = new AbortController()
  void clock.sleep(25).then(() => stop.abort())
  assert.equal(await poll(counter(), () => false, { everyMs: 10, signal: stop.signal }), 3)
  assert.equal(clock.monotonicMs(), 25)
})

test('a look that throws ends it', async context => {
  useFakeClock(context)
  const look = () => {
    throw new Error('gone')
  }
  await assert.rejects(
    poll(look, () => true, { everyMs: 10 }),
    /gone/,
  )
})
