/** Go's cache outlives a build, belongs to one task, and is not used after a restart of the machine. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { goBuildDir, goCacheSettings, ownGoCache } from '../../tasks/programs/go-cache.ts'
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

const go = { skip: spawnSync('go', ['version']).status === 0 ? false : 'there is no go on this machine' }

test('two sources whose files have the same sizes and times do not get the imports of each other', go, t => {
  const { projectDir } = taskFixture(t)
  const source = join(projectDir, 'source')
  const env = [...goCacheSettings.split(' '), `GOCACHE=${join(projectDir, 'gocache')}`, 'GOFLAGS=-mod=vendor']
  const build = (used: string) => {
    rmSync(source, { recursive: true, force: true })
    const files = {
      'go.mod': 'module a.test/main\n\ngo 1.19\n\nrequire a.test/lib v1.0.0\n',
      'main.go': 'package main\n\nimport _ "a.test/lib"\n\nfunc main() {}\n',
      'vendor/modules.txt': `# a.test/lib v1.0.0\n## explicit; go 1.19\na.test/lib\na.test/lib/${used}\n`,
      'vendor/a.test/lib/lib.go': `package lib\n\nimport _ "a.test/lib/${used}"\n`,
      [`vendor/a.test/lib/${used}/used.go`]: `package ${used}\n`,
    }
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(source, path)), { recursive: true })
      writeFileSync(join(source, path), text)
      utimesSync(join(source, path), 0, 0)
    }
    const { status, stderr } = spawnSync('env', [...env, 'go', 'build', '-o', '/dev/null', '.'], { cwd: source })
    assert.equal(status, 0, String(stderr))
  }
  build('one')
  build('two')
})
