/** What is in a folder, also in one that is not there. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { entriesOf, foldersIn } from '../../src/platform/folder-entries.ts'

test('names are sorted, and folders are told from files and links', t => {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-entries-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of ['b', 'a']) mkdirSync(join(folder, name))
  writeFileSync(join(folder, 'c'), '')
  symlinkSync('a', join(folder, 'd'))
  assert.deepEqual(entriesOf(folder), ['a', 'b', 'c', 'd'])
  assert.deepEqual(foldersIn(folder), ['a', 'b'])
})

test('a folder that is not there has no entries, nor has a file', () => {
  assert.deepEqual(entriesOf('/nowhere/at/all'), [])
  assert.deepEqual(foldersIn(import.meta.filename), [])
})

test('a folder that cannot be read is not an empty one', () => {
  assert.throws(() => entriesOf('/nowhere\0'), { code: 'ERR_INVALID_ARG_VALUE' })
})
