/** What follows from what. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reachable } from '../../src/engine/workflow/reachable.ts'

const follow =
  (edges: Readonly<Record<string, readonly string[]>>) =>
  (name: string): readonly string[] =>
    edges[name] ?? []

test('the beginnings are part of it, and each name is found once', () => {
  const found = reachable(['a', 'b'], follow({ a: ['c', 'd'], b: ['d'], d: ['e'], x: ['y'] }))
  assert.deepEqual([...found].sort(), ['a', 'b', 'c', 'd', 'e'])
})

test('a circle ends', () => {
  assert.deepEqual([...reachable(['a'], follow({ a: ['b'], b: ['a'] }))], ['a', 'b'])
})

test('a chain of any length ends no stack', () => {
  const found = reachable([0], at => (at < 100_000 ? [at + 1] : []))
  assert.equal(found.size, 100_001)
})
