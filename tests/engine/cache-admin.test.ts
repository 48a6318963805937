/** stats, verify, prune and clear of a real store. */
import assert from 'node:assert/strict'
import { appendFileSync, existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { settingDefinitions } from '../../src/cli/settings.ts'
import { cacheClear, cachePrune, cacheStats, cacheVerify } from '../../src/engine/cache-admin.ts'
import { defaultMaxCacheBytes } from '../../src/engine/execute/prune-after-run.ts'
import { why } from '../../src/engine/why.ts'
import { tryLock } from '../../src/platform/lock.ts'
import type { Result } from '../../src/platform/result.ts'
import { TestProject } from './project.ts'

const workflow = `
tasks:
  small: { run: "echo small > small", outputs: [small] }
  big: { run: "head -c 1000000 /dev/urandom > big", outputs: [big], inputs: [in] }
`

async function prepared(): Promise<TestProject> {
  const project = new TestProject()
  project.workflow(workflow)
  project.write('in', '1')
  await project.run()
  return project
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.failure.message)
  return result.value
}

test('stats count records, bytes by task, and hits', async () => {
  using project = await prepared()
  await project.run()
  const stats = value(await cacheStats(project.cacheDir))
  assert.deepEqual([stats.records, stats.blobs], [2, 2])
  assert.deepEqual(stats.byTask, [
    { task: 'big', records: 1, sizeBytes: 1_000_000 },
    { task: 'small', records: 1, sizeBytes: 6 },
  ])
  assert.deepEqual(stats.hits, { upToDate: 2, restored: 0, executed: 2 })
  assert.ok(stats.sizeBytes > 1_000_006)
})

test('verify names what is damaged, and it is a miss afterwards', async () => {
  using project = await prepared()
  assert.deepEqual(value(await cacheVerify(project.cacheDir)).problems, [])
  const blobs = join(project.cacheDir, 'blobs')
  for (const folder of readdirSync(blobs))
    for (const name of readdirSync(join(blobs, folder))) writeFileSync(join(blobs, folder, name), 'x')
  const report = value(await cacheVerify(project.cacheDir))
  assert.equal(report.problems.length, 2)
  assert.match(report.problems[0] ?? '', /^blob .*\/blobs\//)
  rmSync(project.path('small'))
  assert.match((await project.run()).because.small ?? '', /cannot be used: blob .* is gone/)
})

test('verify finds a flipped bit in what is remembered beside the results, too', async () => {
  using project = await prepared()
  const [id = ''] = readdirSync(join(project.cacheDir, 'projects'))
  const workflows = join('projects', id, 'workflows')
  const names = ['size', `projects/${id}/state`, `projects/${id}/files`]
  for (const name of readdirSync(join(project.cacheDir, workflows))) names.push(join(workflows, name))
  for (const name of names) appendFileSync(join(project.cacheDir, name), 'x')
  const { problems } = value(await cacheVerify(project.cacheDir))
  assert.deepEqual(problems.toSorted(), names.map(name => `index ${join(project.cacheDir, name)}`).toSorted())
  assert.deepEqual((await project.run()).status, { small: 'up-to-date', big: 'up-to-date' })
  assert.deepEqual(value(await cacheVerify(project.cacheDir)).problems, [])
})

test('prune removes the least recently used first, and keeps within the size', async () => {
  using project = await prepared()
  project.write('in', '2')
  await project.run()
  // The older result of "big" was not used for two days.
  for (const { key, old } of await keysOfBig(project)) if (old) utimesSync(recordFile(project, key), 1, 1)
  const report = value(await cachePrune(project.cacheDir, { maxSizeBytes: 1_500_000 }))
  assert.equal(report.removedRecords, 1)
  assert.ok(report.keptBytes <= 1_500_000)
  rmSync(project.path('big'))
  assert.equal((await project.run()).status.big, 'restored')
  project.write('in', '1')
  assert.equal((await project.run()).status.big, 'executed')
})

test('prune removes what was not used for longer than the age, and nothing else', async () => {
  using project = await prepared()
  project.write('in', '2')
  await project.run()
  for (const { key, old } of await keysOfBig(project)) if (old) utimesSync(recordFile(project, key), 1, 1)
  const tried = value(await cachePrune(project.cacheDir, { maxAgeMs: 86_400_000, dryRun: true }))
  const report = value(await cachePrune(project.cacheDir, { maxAgeMs: 86_400_000 }))
  assert.equal(report.removedRecords, 1)
  assert.deepEqual(tried, report)
  assert.deepEqual(
    value(await cacheStats(project.cacheDir)).byTask.map(({ task, records }) => [task, records]),
    [
      ['big', 1],
      ['small', 1],
    ],
  )
})

test('prune forgets a project that was not used for longer than the age, unless its last run was killed', async () => {
  using cache = new TestProject()
  const projects = join(cache.cacheDir, 'projects')
  const ids: string[] = []
  for (let count = 0; count < 3; count++) {
    using project = await prepared()
    await project.run({ cacheDir: cache.cacheDir })
    ids.push(...readdirSync(projects).filter(id => !ids.includes(id)))
  }
  const [gone = '', killed = '', used] = ids
  writeFileSync(join(projects, killed, 'running'), '{}')
  for (const id of [gone, killed])
    for (const name of [...readdirSync(join(projects, id)), '.']) utimesSync(join(projects, id, name), 1, 1)
  const limits = { maxAgeMs: 86_400_000 }
  value(await cachePrune(cache.cacheDir, { ...limits, dryRun: true }))
  assert.deepEqual(readdirSync(projects).toSorted(), ids.toSorted())
  value(await cachePrune(cache.cacheDir, limits))
  assert.deepEqual(readdirSync(projects).toSorted(), [killed, used].toSorted())
})

test('a store may have 20 GiB unless it is set', () => {
  assert.equal(defaultMaxCacheBytes, 20 * 2 ** 30)
  assert.equal(settingDefinitions.find(({ name }) => name === 'cache.maxSize')?.default, '20GiB')
})

test('a pruned result is explained as such', async () => {
  using project = await prepared()
  for (const key of keys(project)) utimesSync(recordFile(project, key), 1, 1)
  await cachePrune(project.cacheDir, { maxAgeMs: 86_400_000 })
  assert.equal(value(await cacheStats(project.cacheDir)).records, 2, 'in use today')
  await cachePrune(project.cacheDir, { maxSizeBytes: 0 })
  assert.equal(value(await cacheStats(project.cacheDir)).blobs, 0)
  assert.equal((await project.run()).status.big, 'up-to-date')
  rmSync(project.path('small'))
  const explained = value(await why(project.options(), 'main', 'small'))
  assert.equal(explained.because, 'output small is missing, and its cached result was pruned')
})

test('a run that adds to a full store prunes it, and says so', async () => {
  using project = await prepared()
  project.write('in', '2')
  const ran = await project.run({ maxCacheBytes: 1_200_000 })
  assert.match(ran.warnings[0] ?? '', /^The cache was above its 1\.1 MiB: \d+ results? .*pruned/)
  assert.ok(value(await cacheStats(project.cacheDir)).sizeBytes <= 1_200_000)
})

test('prune waits for the runs that use the store', async () => {
  using project = await prepared()
  const lock = tryLock(join(project.cacheDir, 'store.lock'), 'shared')
  const told: string[] = []
  const pruning = cachePrune(project.cacheDir, {
    maxSizeBytes: 0,
    onWait: text => {
      told.push(text)
      assert.notEqual(readdirSync(join(project.cacheDir, 'blobs')).length, 0)
      lock?.release()
    },
  })
  value(await pruning)
  assert.match(told[0] ?? '', /^Waiting for the runs that use the cache/)
})

test('clear forgets every result, and the runs stay', async () => {
  using project = await prepared()
  value(await cacheClear(project.cacheDir))
  assert.equal(existsSync(join(project.cacheDir, 'blobs')), false)
  assert.equal(readdirSync(join(project.cacheDir, 'runs')).length, 1)
  const ran = await project.run()
  assert.deepEqual(ran.status, { small: 'executed', big: 'executed' })
  assert.equal(ran.because.small, 'no earlier result')
})

test('why names what changed, and touches nothing', async () => {
  using project = await prepared()
  project.write('in', '2')
  const before = readdirSync(project.cacheDir, { recursive: true }).length
  const explained = value(await why(project.options(), 'main', 'big'))
  assert.equal(explained.status, 'would-execute')
  assert.deepEqual(explained.changes, [{ kind: 'input', name: 'in', change: 'changed' }])
  assert.equal(readdirSync(project.cacheDir, { recursive: true }).length, before)
})

async function keysOfBig(project: TestProject): Promise<{ key: string; old: boolean }[]> {
  const current = value(await why(project.options(), 'main', 'big')).key
  const small = value(await why(project.options(), 'main', 'small')).key
  return keys(project)
    .filter(key => key !== small)
    .map(key => ({ key, old: key !== current }))
}

function keys(project: TestProject): string[] {
  const records = join(project.cacheDir, 'records')
  return readdirSync(records).flatMap(folder => readdirSync(join(records, folder)))
}

const recordFile = (project: TestProject, key: string): string =>
  join(project.cacheDir, 'records', key.slice(0, 2), key)
