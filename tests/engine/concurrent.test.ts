/** Several programs at once on one cache folder: each is right, and nothing half is left. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { cacheClear, cachePrune, cacheStats, cacheVerify } from '../../src/engine/cache-admin.ts'
import { TestProject } from './project.ts'

/** Much of what one makes is what the other makes. */
const workflow = (salt: string) => `
tasks:
  tree: { run: "mkdir -p out/tree; for i in {1..60}; do echo $i > out/tree/$i; done; echo ${salt} > out/tree/own", outputs: [out/tree] }
  large: { run: "mkdir -p out; head -c 9000000 /dev/zero > out/large", outputs: [out/large] }
  sum: { run: "cat out/tree/* out/large | cksum > out/sum", needs: [tree, large], outputs: [out/sum] }
`

async function runAlone(project: TestProject, cacheDir: string): Promise<void> {
  const options = JSON.stringify({ projectDir: project.dir, cacheDir, workflow: 'main' })
  const run = spawn(process.execPath, [join(import.meta.dirname, 'run-once.ts'), options], { stdio: 'ignore' })
  assert.deepEqual(await once(run, 'exit'), [0, null])
}

test('runs of two projects and a prune, all at once: both are right, and nothing half is left', {
  timeout: 240_000,
}, async () => {
  using cache = new TestProject()
  using one = new TestProject()
  using two = new TestProject()
  const sums: Record<string, string> = {}
  for (const salt of ['x', 'y']) {
    using cold = new TestProject()
    cold.workflow(workflow(salt))
    await cold.run()
    sums[salt] = cold.read('out/sum')
  }
  for (const [first, second] of ['xy', 'yx', 'xx', 'yy']) {
    one.workflow(workflow(first ?? ''))
    two.workflow(workflow(second ?? ''))
    rmSync(two.path('out'), { recursive: true, force: true })
    const pruning = cachePrune(cache.dir, { maxSizeBytes: 0 })
    await Promise.all([runAlone(one, cache.dir), runAlone(two, cache.dir), pruning])
    assert.deepEqual([one.read('out/sum'), two.read('out/sum')], [sums[first ?? ''], sums[second ?? '']])
    const verified = await cacheVerify(cache.dir)
    assert.deepEqual(verified.ok && verified.value.problems, [])
  }
  rmSync(one.path('out'), { recursive: true })
  assert.deepEqual((await one.run({ cacheDir: cache.dir })).status, {
    tree: 'restored',
    large: 'restored',
    sum: 'restored',
  })
  assert.deepEqual(readdirSync(join(cache.dir, 'tmp')), [])
})

test('runs of one project at once: one does the work, the others find it done', { timeout: 120_000 }, async () => {
  using project = new TestProject()
  project.workflow(workflow('x'))
  await Promise.all(Array.from({ length: 3 }, () => runAlone(project, project.cacheDir)))
  const stats = await cacheStats(project.cacheDir)
  assert.deepEqual(stats.ok && stats.value.hits, { upToDate: 6, restored: 0, executed: 3 })
})

test('a prune waits for a run of another program', { timeout: 120_000 }, async () => {
  using project = new TestProject()
  project.workflow(
    'tasks:\n  a: { run: "echo > a", outputs: [a] }\n  b: { run: "until test -e go; do sleep 0.01; done; echo > b", needs: [a], outputs: [b] }\n',
  )
  const running = runAlone(project, project.cacheDir)
  const isStored = () => {
    try {
      return readdirSync(join(project.cacheDir, 'records')).length > 0
    } catch {
      return false
    }
  }
  while (!isStored()) await new Promise(setImmediate)
  const told: string[] = []
  await cachePrune(project.cacheDir, {
    maxSizeBytes: 0,
    onWait: text => {
      told.push(text)
      assert.equal(isStored(), true)
      project.write('go', '')
    },
  })
  assert.match(told[0] ?? '', /^Waiting for the runs that use the cache: process \d+ \(node .*run-once\.ts/)
  await running
})

test('lock files stay the same files, whatever is done to the cache', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  a: { run: "echo > a", outputs: [a] }\n')
  await project.run()
  const locks = () => ['lock', 'store.lock'].map(name => statSync(join(project.cacheDir, name)).ino)
  const before = locks()
  await cachePrune(project.cacheDir, { maxSizeBytes: 0 })
  await cacheClear(project.cacheDir)
  await project.run({ force: true })
  assert.deepEqual(locks(), before)
})
