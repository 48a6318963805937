/** No set-user-id, set-group-id or sticky bit is kept, restored, or taken from a sandbox. */
import assert from 'node:assert/strict'
import { chmodSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { test } from 'node:test'
import { contentDigest, decodeManifest, encodeManifest, type Manifest } from '../../src/engine/store/manifest.ts'
import { digestOf } from '../../src/platform/digest.ts'
import { runDeclared } from '../../src/sandbox/run-declared.ts'
import { TestProject } from './project.ts'

const make = 'mkdir -p d/e; echo > d/f; echo > g; chmod 4755 d/f; chmod 6711 g; chmod 1777 d/e; chmod 2755 d'
const workflow = `tasks: { t: { run: "${make}", inputs: [], outputs: [d, g] } }`
const mode = (project: TestProject, name: string) => (statSync(project.path(name)).mode & 0o7777).toString(8)

test('a plain task’s programs are restored without them, and a warning says so', async () => {
  using project = new TestProject()
  project.workflow(workflow)
  const ran = await project.run()
  assert.deepEqual(ran.warnings, ['the set-user-id or set-group-id bit of "d/f" is not kept'])
  assert.equal((await project.run()).status.t, 'up-to-date')
  for (const name of ['d', 'g']) rmSync(project.path(name), { recursive: true })
  assert.equal((await project.run()).status.t, 'restored')
  assert.deepEqual(
    ['d', 'd/e', 'd/f', 'g'].map(name => mode(project, name)),
    ['755', '777', '755', '711'],
  )
  assert.equal((await project.run()).status.t, 'up-to-date')
})

test('what a task in a sandbox made has none of them', {
  skip: process.getuid?.() === 0 ? false : 'needs root',
}, async () => {
  using project = new TestProject()
  project.workflow(
    workflow.replace('outputs: [d, g]', 'outputs: ["d/**", d2, g]').replace('chmod 2755 d', 'cp -a d d2'),
  )
  assert.equal((await project.run({ verifyInputs: true, sandbox: { run: runDeclared } })).summary.status, 'passed')
  assert.deepEqual(
    ['d/f', 'd2/f', 'd2/e', 'g'].map(name => mode(project, name)),
    ['755', '755', '777', '711'],
  )
})

test('a manifest with such a bit is none', () => {
  const manifest = (bits: number): Manifest => ({
    version: 1,
    entries: [{ type: 'file', path: 'o', mode: bits, size: 0, mtimeUs: 0, digest: digestOf('') }],
  })
  assert.ok(decodeManifest(encodeManifest(manifest(0o755)), ['o']))
  for (const bits of [0o4755, 0o2755, 0o1755, -1, 0.5]) {
    assert.equal(decodeManifest(encodeManifest(manifest(bits)), ['o']), undefined)
    assert.match(contentDigest(manifest(bits)), /^[0-9a-f]{64}$/)
  }
})

test('what a task put elsewhere by a link above its output is neither stored nor removed', async () => {
  using project = new TestProject()
  using outside = new TestProject()
  outside.write('secret/key', 'hush')
  for (const outputs of ['[d/secret]', '["d/secret/*"]']) {
    project.workflow(`tasks: { t: { run: "rm -rf d; ln -s ${outside.dir} d", inputs: [], outputs: ${outputs} } }`)
    const { summary } = await project.run()
    assert.equal(summary.status, 'failed')
    assert.equal(outside.read('secret/key'), 'hush')
    rmSync(project.path('d'), { force: true })
  }
  symlinkSync(outside.dir, project.path('d'))
  chmodSync(outside.dir, 0o700)
  assert.equal((await project.run()).summary.status, 'failed')
  assert.equal(outside.read('secret/key'), 'hush')
})
