/** Cache and project on different mounts of one file system: no rename leads from one to the other, though all device numbers are equal. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RunSummary } from '../../src/engine/run-flow.ts'
import { poll } from '../../src/platform/poll.ts'
import { runOnMounts, noMounts as skip, startOnMounts } from './on-mounts.ts'
import { TestProject } from './project.ts'

const runOnce = (project: TestProject, cacheDir: string): readonly string[] => [
  process.execPath,
  join(import.meta.dirname, 'run-once.ts'),
  JSON.stringify({ projectDir: project.dir, cacheDir, workflow: 'main' }),
]

/** `{ make: 'restored: output out is missing' }`. */
async function outcomes(project: TestProject, cacheDir: string, mounts: readonly string[]) {
  const result: { readonly value: RunSummary } = JSON.parse(await runOnMounts(mounts, runOnce(project, cacheDir)))
  return Object.fromEntries(result.value.tasks.map(({ task, status, because }) => [task, `${status}: ${because}`]))
}

const make = `
tasks:
  make:
    run: mkdir -p out/deep volume/out; echo file > out/deep/file; echo other > volume/out/other; ln -s file out/deep/link
    outputs: [out, volume/out, single]
`.replace('; ln -s', '; echo single > single; ln -s')

function makeProject(): TestProject {
  const project = new TestProject()
  project.workflow(make)
  for (const folder of ['cache', 'volume', 'elsewhere']) mkdirSync(project.path(folder))
  return project
}

const layouts = [
  { name: 'a cache elsewhere', cache: 'elsewhere', mounts: ['', 'elsewhere'] },
  { name: 'the project’s own cache folder', cache: 'cache', mounts: ['cache'] },
  { name: 'a folder that holds one of the outputs', cache: 'cache', mounts: ['volume'] },
]

for (const { name, cache, mounts } of layouts)
  test(`a result is restored where this is a mount of its own: ${name}`, { skip }, async () => {
    using project = makeProject()
    const on = mounts.map(folder => project.path(folder))
    assert.match((await outcomes(project, project.path(cache), on)).make ?? '', /^executed/)
    for (const output of ['out', 'volume/out', 'single']) rmSync(project.path(output), { recursive: true })
    assert.equal(
      (await outcomes(project, project.path(cache), on)).make,
      'restored: outputs out, volume/out, single is missing',
    )
    assert.equal(project.read('out/deep/link'), 'file\n')
    assert.equal(project.read('volume/out/other'), 'other\n')
    assert.equal(project.read('single'), 'single\n')
    assert.match((await outcomes(project, project.path(cache), on)).make ?? '', /^up-to-date/)
    assert.deepEqual(readdirSync(project.dir).sort(), ['cache', 'elsewhere', 'out', 'single', 'volume', 'workflows'])
    assert.deepEqual(readdirSync(project.path('volume')), ['out'])
  })

test('what a killed run was building beside an output is gone after the next run', {
  skip,
  timeout: 60_000,
}, async () => {
  using project = makeProject()
  const mounts = [project.path('cache')]
  await outcomes(project, project.cacheDir, mounts)
  rmSync(project.path('out'), { recursive: true })
  // Killed in the middle of a task; it restores, too, so that what it leaves can be looked at.
  project.workflow(`${make}  hang: { run: touch begun; sleep 1000, needs: [make], cache: false }\n`)
  const run = startOnMounts(mounts, runOnce(project, project.cacheDir))
  await poll(() => existsSync(project.path('begun')), Boolean, { everyMs: 10 })
  const [state = ''] = readdirSync(project.path('cache/projects'))
  project.write('volume/.k8s-ha-left.tmp/0', 'half a file')
  project.write(`cache/projects/${state}/stages/.k8s-ha-left.tmp`, 'volume')
  run.kill('SIGKILL')
  await once(run, 'exit')
  project.workflow(`${make}  again: { run: "true", cache: false }\n`)
  assert.match((await outcomes(project, project.cacheDir, mounts)).make ?? '', /^up-to-date/)
  assert.deepEqual(readdirSync(project.path('volume')), ['out'])
  assert.deepEqual(readdirSync(project.path(`cache/projects/${state}/stages`)), [])
})

test('device numbers of such mounts are equal, and a rename between them is refused', { skip }, async () => {
  using project = makeProject()
  const [one, other] = [project.path('cache'), project.path('elsewhere')]
  assert.equal(statSync(one).dev, statSync(other).dev)
  const script = `
    const { renameSync, mkdirSync, statSync } = require('node:fs')
    mkdirSync('${one}/folder')
    try { renameSync('${one}/folder', '${other}/folder') } catch (error) { console.log(error.code) }
    console.log(statSync('${one}').dev === statSync('${other}').dev)`
  assert.equal(await runOnMounts([one, other], [process.execPath, '-e', script]), 'EXDEV\ntrue\n')
})
