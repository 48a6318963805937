/** In which order ready tasks start. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pools } from '../../src/engine/execute/pools.ts'
import { ReadyQueue } from '../../src/engine/execute/ready-queue.ts'

function queueOf(sizes: Readonly<Record<string, number>>) {
  const queue = new ReadyQueue(new Pools(sizes))
  const started: string[] = []
  const add = (name: string, resources: Readonly<Record<string, number>>) =>
    queue.add({ resources }, () => started.push(name))
  return { queue, started, add }
}

test('what fits starts at once, the rest in order when there is room', () => {
  const { queue, started, add } = queueOf({ cpu: 2 })
  for (const name of ['a', 'b', 'c', 'd']) add(name, { cpu: 1 })
  assert.deepEqual(started, ['a', 'b'])
  queue.giveBack({ resources: { cpu: 1 } })
  assert.deepEqual(started, ['a', 'b', 'c'])
  queue.giveBack({ resources: { cpu: 2 } })
  assert.deepEqual(started, ['a', 'b', 'c', 'd'])
})

test('a task needs room in all of its pools, and holds back none that needs others', () => {
  const { queue, started, add } = queueOf({ cpu: 4, cluster: 1 })
  add('first', { cpu: 1, cluster: 1 })
  add('second', { cpu: 1, cluster: 1 })
  add('other', { cpu: 1 })
  assert.deepEqual(started, ['first', 'other'])
  queue.giveBack({ resources: { cpu: 1 } })
  assert.deepEqual(started, ['first', 'other'])
  queue.giveBack({ resources: { cluster: 1 } })
  assert.deepEqual(started, ['first', 'other', 'second'])
})

test('a task that wants more cores than there are gets all of them', () => {
  const { queue, started, add } = queueOf({ cpu: 2 })
  add('small', { cpu: 1 })
  add('large', { cpu: 8 })
  assert.deepEqual(started, ['small'])
  queue.giveBack({ resources: { cpu: 1 } })
  assert.deepEqual(started, ['small', 'large'])
  add('next', { cpu: 1 })
  assert.deepEqual(started, ['small', 'large'])
})

test('a task that wants nothing never waits', () => {
  const { started, add } = queueOf({ cpu: 1 })
  add('busy', { cpu: 1 })
  add('free', {})
  assert.deepEqual(started, ['busy', 'free'])
})
