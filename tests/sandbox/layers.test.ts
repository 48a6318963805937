import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { archiveDigest } from '../../src/sandbox/archive-digest.ts'
import { materialize } from '../../src/sandbox/layers.ts'
import { pruneLayers } from '../../src/sandbox/prune-layers.ts'
import { runSandboxed } from '../../src/sandbox/run-sandboxed.ts'
import { sandboxFixture } from './sandbox-fixture.ts'

test('a layer has the owners, modes, times, links and capabilities of its archive', async t => {
  const { archive, cacheDir } = archiveFixture(t)
  const layer = await materialize(archive, cacheDir)
  assert.ok(layer.ok)
  assert.equal(layer.value, join(cacheDir, 'layers', sha256(archive)))
  const file = lstatSync(join(layer.value, 'file'))
  assert.deepEqual([file.uid, file.gid, file.mode & 0o7777, file.mtimeMs], [1234, 5678, 0o4751, 5000])
  assert.ok(lstatSync(join(layer.value, 'link')).isSymbolicLink())
  const attributes = execFileSync('getcap', [join(layer.value, 'file')], { encoding: 'utf8' })
  assert.match(attributes, /cap_net_raw/)
})

test('a layer is unpacked once', async t => {
  const { archive, cacheDir } = archiveFixture(t)
  const first = await materialize(archive, cacheDir)
  assert.ok(first.ok)
  const { ino } = statSync(first.value)
  const second = await materialize(archive, cacheDir)
  assert.deepEqual(second, first)
  assert.equal(statSync(first.value).ino, ino)
})

test('several that unpack the same archive at once all get the same complete layer', async t => {
  const { archive, cacheDir } = archiveFixture(t)
  const layers = await Promise.all(Array.from({ length: 5 }, () => materialize(archive, cacheDir)))
  assert.equal(new Set(layers.map(layer => layer.ok && layer.value)).size, 1)
  assert.ok(layers[0]?.ok && existsSync(join(layers[0].value, 'file')))
  assert.deepEqual(readdirSync(join(cacheDir, 'scratch')), [])
})

test('an archive that is cut off gives no layer, but a failure that names it', async t => {
  const { archive, cacheDir } = archiveFixture(t)
  truncateSync(archive, 100)
  const digest = sha256(archive)
  const layer = await materialize(archive, cacheDir)
  assert.ok(!layer.ok)
  assert.equal(layer.failure.message, `Cannot unpack "${archive}" as a root`)
  assert.notEqual(layer.failure.last, undefined)
  assert.ok(!existsSync(join(cacheDir, 'layers', digest)))
  assert.deepEqual(readdirSync(join(cacheDir, 'scratch')), [])
})

test('a digest is remembered as long as the file is untouched', async t => {
  const { dir, cacheDir } = sandboxFixture(t)
  const file = join(dir, 'archive')
  writeFileSync(file, 'one')
  const one = await archiveDigest(file, cacheDir)
  assert.deepEqual(one, { ok: true, value: sha256(file) })
  // Same size, same modification time, a moment later: only reading it tells.
  const { atime, mtime } = statSync(file)
  writeFileSync(file, 'two')
  utimesSync(file, atime, mtime)
  assert.deepEqual(await archiveDigest(file, cacheDir), { ok: true, value: sha256(file) })
})

test('a note about another file, or a damaged one, is not believed', async t => {
  const { dir, cacheDir } = sandboxFixture(t)
  const file = join(dir, 'archive')
  writeFileSync(file, 'content')
  const notes = join(cacheDir, 'layers/digests')
  mkdirSync(notes, { recursive: true })
  const note = join(notes, `${createHash('sha256').update(file).digest('hex')}.json`)
  for (const text of ['{', '{"identity":"1 2 3 4 5","digest":"0"}', `{"identity":"1","digest":"${'0'.repeat(64)}"}`]) {
    writeFileSync(note, text)
    assert.deepEqual(await archiveDigest(file, cacheDir), { ok: true, value: sha256(file) })
  }
})

test('an archive that is not there is a failure', async t => {
  const { cacheDir } = sandboxFixture(t)
  const layer = await materialize('/nonexistent.tar.zst', cacheDir)
  assert.ok(!layer.ok)
  assert.match(layer.failure.message, /there is no such file/)
})

test('a plain tar will do', async t => {
  const { archive, cacheDir } = archiveFixture(t)
  const plain = archive.replace('.zst', '')
  execFileSync('zstd', ['--quiet', '-d', archive, '-o', plain])
  const layer = await materialize(plain, cacheDir)
  assert.ok(layer.ok && existsSync(join(layer.value, 'file')))
})

test('layers that were not used for long are removed, but none that is mounted', async t => {
  const { archive, cacheDir, command } = archiveFixture(t)
  const layer = await materialize(archive, cacheDir)
  assert.ok(layer.ok)
  const digest = sha256(archive)
  assert.deepEqual(await pruneLayers(cacheDir, 60_000), [])
  const mounted: (readonly string[])[] = []
  const run = command('echo up; read -r _ <in', { layers: [layer.value, ...command('').layers] })
  execFileSync('mkfifo', [join(run.project.dir, 'in')])
  const mounts = [...(run.mounts ?? []), { from: join(run.project.dir, 'in'), to: '/project/in', writable: true }]
  const result = await runSandboxed({
    ...run,
    mounts,
    onOutput: async () => {
      mounted.push(await pruneLayers(cacheDir, 0))
      writeFileSync(join(run.project.dir, 'in'), 'go\n')
    },
  })
  assert.ok(result.ok && result.value.exitCode === 0)
  assert.deepEqual(mounted, [[]])
  assert.deepEqual(await pruneLayers(cacheDir, 0), [digest])
  assert.ok(!existsSync(layer.value))
})

function archiveFixture(t: TestContext) {
  const fixture = sandboxFixture(t)
  const tree = join(fixture.dir, 'tree')
  mkdirSync(tree)
  const script = `
    echo content > file; ln -s file link
    chown 1234:5678 file; setcap cap_net_raw+ep file; chmod 4751 file; touch -d @5 file
    setcap cap_net_raw+ep file; tar --zstd --xattrs --xattrs-include='*' -cf "$1" .`
  const archive = join(fixture.dir, 'root.tar.zst')
  execFileSync('bash', ['--norc', '-ec', script, 'make', archive], {
    cwd: tree,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  })
  return { ...fixture, archive }
}

const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')
