/** Histories that some order explains pass; a stale read, an overtaken write, a read from the future are told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from '../../src/ha/probes/agent/protocol.ts'
import { type Operation, operationsOf, orderViolations } from '../../src/ha/probes/history/linearizable.ts'
import { seededRandom } from '../../src/platform/random.ts'

const op = (kind: Operation['kind'], [startMs, endMs]: readonly [number, number], revision: number): Operation => ({
  ...{ kind, register: 0, revision, startMs, endMs },
  value: revision * 10,
})
const violations = (...operations: readonly Operation[]) => orderViolations(operations, [], new Map())

test('reads of what was written last, and overlapping ones of either version, fit', () => {
  assert.deepEqual(violations(op('write', [0, 10], 1), op('read', [11, 20], 1), op('write', [21, 30], 2)), [])
  assert.deepEqual(violations(op('write', [0, 10], 1), op('write', [20, 40], 2), op('read', [25, 35], 1)), [])
  assert.deepEqual(violations(op('write', [0, 10], 1), op('write', [20, 40], 2), op('read', [25, 35], 2)), [])
})

test('a read of an old version after a newer one was acknowledged is told', () => {
  const told = violations(op('write', [0, 10], 1), op('write', [11, 20], 2), op('read', [21, 30], 1))
  assert.match(told.join(), /^read of register 0 gave value 10 at revision 1, though write .* 2 had ended before/)
})

test('a read older than an earlier read is told, though the write was never acknowledged', () => {
  assert.equal(violations(op('read', [0, 10], 2), op('read', [11, 20], 1)).length, 1)
})

test('a write that makes no newer version than one that ended before is told', () => {
  assert.equal(violations(op('write', [0, 10], 5), op('write', [11, 20], 4)).length, 1)
  assert.equal(violations(op('read', [0, 10], 5), op('write', [11, 20], 5)).length, 1)
})

test('registers are judged by themselves', () => {
  assert.deepEqual(violations(op('write', [0, 10], 5), { ...op('read', [11, 20], 4), register: 1 }), [])
})

test('a value that its revision does not have, and a value read before its write began, are told', () => {
  const changes: readonly Change[] = [{ register: 0, revision: 1, value: 99 }]
  assert.match(orderViolations([op('read', [0, 10], 1)], changes, new Map()).join(), /that revision is the value 99/)
  assert.match(orderViolations([op('read', [0, 10], 1)], [], new Map([[10, 50]])).join(), /before its write began/)
})

test('requests without an answer bind nobody', () => {
  const request = { type: 'request', probe: 'api-write', at: 0, ms: 250, register: 0, value: 1, revision: 1 } as const
  assert.equal(operationsOf([{ ...request, error: 'no answer within 250 ms' }]).length, 0)
  assert.equal(operationsOf([request])[0]?.kind, 'write')
})

/** Each operation happens at one moment between its start and its end, as an order that explains all demands. */
function randomHistory(random: () => number, length: number): Operation[] {
  const moments = Array.from({ length }, () => random() * 1000).toSorted((a, b) => a - b)
  let revision = 0
  return moments.map(moment => {
    const kind = random() < 0.4 ? 'write' : 'read'
    if (kind === 'write') revision += 1
    return op(kind, [moment - random() * 40, moment + random() * 40], revision)
  })
}

test('random histories with an order pass, and none does once a read is made old enough', () => {
  const seed = Number(process.env.K8S_HA_TEST_SEED ?? Math.floor(Math.random() * 1e9))
  const random = seededRandom(seed)
  for (let round = 0; round < 200; round++) {
    const history = randomHistory(random, 200)
    assert.deepEqual(violations(...history), [], `seed ${seed}`)
    const last = history.at(-1)
    assert.ok(last)
    const late = op('read', [last.endMs + 100, last.endMs + 110], last.revision)
    assert.deepEqual(violations(...history, late), [], `seed ${seed}`)
    assert.equal(violations(...history, { ...late, revision: late.revision - 1 }).length, 1, `seed ${seed}`)
  }
})
