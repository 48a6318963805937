/** What is a known fault of the etcd that runs is named, and only where an invariant does not hold. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { invariantNames } from '../../src/ha/verdict/invariants.ts'
import { withKnownFaults } from '../../src/ha/verdict/known-faults.ts'

const seenWith = (etcd: string | undefined, { name = 'linearizable', holds = false } = {}): string | undefined =>
  withKnownFaults([{ name, claim: '', holds, seen: 'read 3 after 4' }], etcd)[0]?.seen

test('a fault of this release of etcd is named beside what it may have broken', () => {
  assert.equal(
    seenWith('3.5.16'),
    'read 3 after 4; known fault of etcd 3.5.16: a member that stood still can answer a read with an old value (mended in 3.5.28)',
  )
  for (const etcd of ['3.5.27', '3.6.8', '3.4.23+dfsg']) assert.match(seenWith(etcd) ?? '', /known fault/, etcd)
})

test('nothing is blamed on a release that is mended, on one that is not known, or for another invariant', () => {
  for (const etcd of ['3.5.28', '3.6.9', '3.7.0', 'own', undefined])
    assert.equal(seenWith(etcd), 'read 3 after 4', etcd)
  assert.equal(seenWith('3.5.16', { name: 'no-lost-writes' }), 'read 3 after 4')
  assert.equal(seenWith('3.5.16', { holds: true }), 'read 3 after 4')
})

test('every fault belongs to an invariant that there is', () => {
  const blamed = invariantNames.filter(name => seenWith('3.4.0', { name })?.includes('known fault'))
  assert.deepEqual(blamed, ['linearizable', 'watch-complete'])
})
