/** Go's cache outlives a build, belongs to one task, and is not used after a restart of the machine. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { goBuildDir, ownGoCache } from '../../tasks/programs/go-cache.ts'
import { taskFixture } from './task-fixture.ts'

test('a task finds what its last build compiled, another task does not', async t => {
  const { context } = taskFixture(t)
  const ofTask = (task: string) => ownGoCache(context({}, { task }))
  const first = await ofTask('kubernetes')
  assert.ok(first.isEmpty)
  writeFileSync(join(first.folder, 'object'), '')
  assert.deepEqual(await ofTask('kubernetes'), { folder: first.folder, isEmpty: false })
  assert.ok((await ofTask('etcd')).isEmpty)
})

test('what was compiled before a restart of the machine goes', async t => {
  const { context } = taskFixture(t)
  const { folder } = await ownGoCache(context({}))
  const dir = goBuildDir(context({}).cacheDir)
  const [name = ''] = readdirSync(dir)
  const old = join(dir, `${name.slice(0, 16)}-another-boot`)
  const foreign = join(dir, '0000000000000000-another-boot')
  for (const one of [old, foreign]) mkdirSync(one)
  await ownGoCache(context({}))
  assert.deepEqual([folder, old, foreign].map(existsSync), [true, false, true])
})
