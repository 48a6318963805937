/** How many items of a list are worked on at once, and what a failure means for the others. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inParallel } from '../../src/engine/remote/in-parallel.ts'

/** Work that goes on when the test says so. */
function gated() {
  const begun: number[] = []
  const gates: PromiseWithResolvers<void>[] = []
  const work = (item: number) => {
    begun.push(item)
    gates[item] = Promise.withResolvers<void>()
    return gates[item].promise
  }
  return { begun, work, gate: (item: number) => gates[item] }
}

/** All that can go on without the gates has gone on. */
const settled = () => new Promise(resolve => setImmediate(resolve))

test('so many items are worked on at once, in their order, and no more', async () => {
  const { begun, work, gate } = gated()
  const done = inParallel([0, 1, 2, 3], 2, work)
  await settled()
  assert.deepEqual(begun, [0, 1])
  gate(1)?.resolve()
  await settled()
  assert.deepEqual(begun, [0, 1, 2])
  for (const item of [0, 2]) gate(item)?.resolve()
  await settled()
  gate(3)?.resolve()
  await done
})

test('after a failure no further item is begun, and it is told when what was begun has ended', async () => {
  const { begun, work, gate } = gated()
  let ended = false
  const done = inParallel([0, 1, 2, 3], 2, work).finally(() => {
    ended = true
  })
  await settled()
  gate(0)?.reject(new Error('first'))
  await settled()
  assert.equal(ended, false)
  gate(1)?.reject(new Error('second'))
  await assert.rejects(done, /first/)
  assert.deepEqual(begun, [0, 1])
})

test('nothing to do is done at once', async () => {
  await inParallel([], 4, () => assert.fail('no item'))
})
