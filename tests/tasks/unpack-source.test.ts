import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import unpackSource from '../../tasks/unpack-source.ts'
import { taskFixture } from './task-fixture.ts'

const patch = (from: string, to: string) => `why\n--- a/file\n+++ b/file\n@@ -1 +1 @@\n-${from}\n+${to}\n`

test('the top folder is left out, and patches are applied in order', async t => {
  const { unpack, folder } = fixture(t)
  const result = await unpack([patch('one', 'two'), patch('two', 'three')])
  assert.deepEqual(result, { ok: true, value: '2 patches applied' })
  assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'three\n')
  assert.ok(!existsSync(join(folder, 'file.orig')))
})

test('without patches the source is as it was', async t => {
  const { unpack, folder } = fixture(t)
  assert.deepEqual(await unpack([]), { ok: true, value: undefined })
  assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'one\n')
})

test('a patch that does not fit is named', async t => {
  const { unpack } = fixture(t)
  const result = await unpack([patch('another', 'two')])
  assert.ok(!result.ok)
  assert.match(result.failure.message, /^Cannot apply \S+0\.patch to source\.tar\.gz: it does not fit$/)
  assert.match(result.failure.last ?? '', /FAILED/)
})

test('a need that is not there is named', async t => {
  const { context, projectDir } = taskFixture(t)
  const result = await unpackSource.run(context({ archive: 'fetch' }, { outputs: [join(projectDir, 'src')] }))
  assert.ok(!result.ok)
  assert.equal(result.failure.message, 'Task "task" uses the output of "fetch", which is not among its needs: none')
})

function fixture(t: TestContext) {
  const { projectDir, context } = taskFixture(t)
  mkdirSync(join(projectDir, 'source-1'))
  writeFileSync(join(projectDir, 'source-1/file'), 'one\n')
  const archive = join(projectDir, 'source.tar.gz')
  execFileSync('tar', ['-C', projectDir, '-czf', archive, 'source-1'])
  const folder = join(projectDir, 'build/src')
  return {
    folder,
    unpack: (patches: readonly string[]) => {
      const inputs = patches.map((text, index) => {
        const path = join(projectDir, `${index}.patch`)
        writeFileSync(path, text)
        return path
      })
      const needs = new Map([['fetch', [archive]]])
      return unpackSource.run(context({ archive: 'fetch' }, { outputs: [folder], inputs, needs }))
    },
  }
}
