import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDuration } from '../../src/report/format-duration.ts'

test('durations have the precision that a reader needs', () => {
  const shown = [0, 83.4, 99.6, 412, 9_949, 74_100, 99_940, 99_960, 125_000, 3_780_000].map(formatDuration)
  assert.deepEqual(shown, [
    '0 ms',
    '83 ms',
    '0.1 s',
    '0.4 s',
    '9.9 s',
    '74.1 s',
    '99.9 s',
    '1 min 40 s',
    '2 min 5 s',
    '1 h 3 min',
  ])
})
