/** The task type build-programs, as far as nothing is compiled. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import buildPrograms from '../../tasks/build-programs.ts'
import { type Chosen, writeChosen } from '../../tasks/programs/chosen.ts'
import { programNames } from '../../tasks/programs/program-names.ts'
import { taskFixture } from './task-fixture.ts'

test('official programs become the layer', async t => {
  const { build, fetched, output } = await fixture(t, { version: '1.36.3', origin: 'official' })
  writePrograms(join(fetched, 'programs'), programNames.kubernetes.needed)
  assert.deepEqual(await build('kubernetes'), { ok: true, value: '6 programs of the official v1.36.3' })
  assert.deepEqual(readdirSync(join(output, 'usr/bin')).sort(), [...programNames.kubernetes.needed].sort())
  assert.equal(readFileSync(join(output, 'usr/bin/kubelet'), 'utf8'), 'kubelet')
  assert.equal(statSync(join(output, 'usr/bin/kubelet')).mode & 0o777, 0o755)
})

test('own programs are copied; those that are not needed, where they are', async t => {
  const { projectDir } = taskFixture(t)
  const own = join(projectDir, 'own')
  writePrograms(own, ['etcd', 'etcdctl', 'something'])
  const { build, output } = await fixture(t, { version: 'own', origin: 'folder', folder: own })
  assert.deepEqual(await build('etcd'), { ok: true, value: `2 programs from ${own}` })
  assert.deepEqual(readdirSync(join(output, 'usr/bin')), ['etcd', 'etcdctl'])
  writePrograms(own, ['etcdutl'])
  assert.deepEqual(await build('etcd'), { ok: true, value: `3 programs from ${own}` })
})

test('for the programs of the VM image the layer is empty', async t => {
  const { build, output } = await fixture(t, { version: 'image', origin: 'image' })
  assert.deepEqual(await build('etcd'), { ok: true, value: 'none: the VM image has it' })
  assert.deepEqual(readdirSync(join(output, 'usr/bin')), [])
})

function writePrograms(folder: string, programs: readonly string[]): void {
  mkdirSync(folder, { recursive: true })
  for (const program of programs) writeFileSync(join(folder, program), program, { mode: 0o700 })
}

async function fixture(t: TestContext, chosen: Chosen) {
  const { projectDir, context } = taskFixture(t)
  const fetched = join(projectDir, 'build/fetched')
  const output = join(projectDir, 'build/root')
  mkdirSync(fetched, { recursive: true })
  await writeChosen(fetched, chosen)
  const needs = new Map([['fetch', [fetched]]])
  return {
    fetched,
    output,
    build: (product: 'kubernetes' | 'etcd') =>
      buildPrograms.run(context({ product, fetched: 'fetch' }, { outputs: [output], needs })),
  }
}
