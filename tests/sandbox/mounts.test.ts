/** Cache and project on different mounts of one file system, between which nothing can be renamed or linked. */
import assert from 'node:assert/strict'
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runOnMounts, noMounts as skip } from '../engine/on-mounts.ts'
import { sandboxFixture } from './sandbox-fixture.ts'

const root = join(import.meta.dirname, '../..')
const evaluate = (code: string): readonly string[] => [process.execPath, '--input-type=module', '-e', code]

test('outputs of a sandbox reach the project with all that they are', { skip }, async t => {
  const { command, projectDir, cacheDir } = sandboxFixture(t)
  const project = { dir: projectDir, at: '/project', inputs: [], outputs: ['out/file', 'tree'] }
  const script = 'echo f >out/file; chmod 750 out/file; mkdir -p tree/deep; ln -s ../leaf tree/deep/link'
  const program = join(import.meta.dirname, 'killed-run.ts')
  await runOnMounts([projectDir, cacheDir], [process.execPath, program, JSON.stringify(command(script, { project }))])
  assert.equal(readFileSync(join(projectDir, 'out/file'), 'utf8'), 'f\n')
  assert.equal(lstatSync(join(projectDir, 'out/file')).mode & 0o777, 0o750)
  assert.equal(readlinkSync(join(projectDir, 'tree/deep/link')), '../leaf')
  assert.deepEqual(readdirSync(join(cacheDir, 'scratch')), [])
})

test('what a task type made in a scratch folder reaches the project', { skip }, async t => {
  const { projectDir, cacheDir } = sandboxFixture(t)
  writeFileSync(join(cacheDir, 'root.tar'), 'archive')
  const [from, to] = [join(cacheDir, 'root.tar'), join(projectDir, 'build/roots/root.tar')]
  const code = `
    import { move } from '${root}/src/sandbox/move.ts'
    console.log(JSON.stringify(await move('${from}', '${to}')))`
  assert.equal(await runOnMounts([projectDir, cacheDir], evaluate(code)), '{"ok":true}\n')
  assert.equal(readFileSync(to, 'utf8'), 'archive')
})

test('a layer that may change is copied for the VMs where it cannot be linked', { skip }, async t => {
  const { projectDir, cacheDir } = sandboxFixture(t)
  // Linked as far as the kernel allows, then refused: what was linked already must not stand in the way.
  const layer = join(projectDir, 'layer')
  mkdirSync(join(layer, 'volume'), { recursive: true })
  writeFileSync(join(layer, 'first'), 'first')
  writeFileSync(join(layer, 'volume/second'), 'second')
  const code = `
    import { placeLayerSet } from '${root}/src/drivers/netns/layer-sets.ts'
    console.log(JSON.stringify(await placeLayerSet('${cacheDir}/state', [{ folder: '${layer}', mayChange: true }])))`
  for (const [set, mounts] of [[projectDir, cacheDir], [join(layer, 'volume')]].entries()) {
    assert.equal(await runOnMounts(mounts, evaluate(code)), '{"ok":true}\n')
    const placed = join(cacheDir, 'state/layers', String(set), '0')
    assert.equal(readFileSync(join(placed, 'first'), 'utf8'), 'first')
    assert.equal(readFileSync(join(placed, 'volume/second'), 'utf8'), 'second')
  }
})
