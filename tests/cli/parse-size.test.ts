import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatSize, parseAge, parseSize } from '../../src/cli/parse-size.ts'

test('sizes are binary with i or without B, decimal with B alone', () => {
  assert.deepEqual(['0', '512', '1K', '1KiB', '1kB', '1.5 GiB', '20GB'].map(parseSize), [
    0,
    512,
    1024,
    1024,
    1000,
    1.5 * 2 ** 30,
    20e9,
  ])
  assert.deepEqual(['', 'many', '-1', '1X', 'GiB'].map(parseSize), [
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test('ages need a unit', () => {
  assert.deepEqual(['30s', '5m', '2h', '30d', '1w'].map(parseAge), [30e3, 300e3, 7200e3, 2592e6, 6048e5])
  assert.deepEqual(['30', 'd', '1y'].map(parseAge), [undefined, undefined, undefined])
})

test('sizes are shown with the unit that fits', () => {
  assert.deepEqual([0, 1023, 1024, 361_856_000, 2 ** 41].map(formatSize), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '345.1 MiB',
    '2.0 TiB',
  ])
})
