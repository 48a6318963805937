/** Lines from pieces. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WholeLines } from '../../src/platform/whole-lines.ts'

test('a line counts when its end arrives, in however many pieces it came', () => {
  const lines = new WholeLines()
  assert.deepEqual(lines.add('on'), [])
  assert.deepEqual(lines.add('e\ntwo\n\nth'), ['one', 'two', ''])
  assert.deepEqual(lines.add('ree\n'), ['three'])
})

test('what lacks its end is there at the end, once', () => {
  const lines = new WholeLines()
  lines.add('one\ntwo')
  assert.equal(lines.end(), 'two')
  assert.equal(lines.end(), '')
  assert.deepEqual(lines.add('three\n'), ['three'])
})
