import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeGeneratedDag } from '../../bench/generated-dag.ts'
import { TestProject } from './project.ts'

/** CPU time, of which other programs on the machine take nothing. */
async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

async function planningMs(tasks: number): Promise<number> {
  using project = new TestProject()
  writeGeneratedDag(project.dir, tasks)
  return await cpuMs(() => project.run({ workflow: 'dag', dryRun: true }))
}

test('the time to read and plan a workflow grows with its size, not with the square of it', async () => {
  await planningMs(500)
  const [small, large] = [await planningMs(1_000), await planningMs(8_000)]
  assert.ok(large / small < 16, `8 times the tasks took ${(large / small).toFixed(1)} times as long`)
})

test('a run of which nothing is to be done takes time by its size too', async () => {
  const upToDateMs = async (tasks: number) => {
    using project = new TestProject()
    writeGeneratedDag(project.dir, tasks)
    const run = () => project.run({ workflow: 'dag', concurrency: 4 })
    await run()
    return await cpuMs(run)
  }
  const [small, large] = [await upToDateMs(100), await upToDateMs(800)]
  assert.ok(large / small < 16, `8 times the tasks took ${(large / small).toFixed(1)} times as long`)
})

test('10,000 tasks are read and planned in 80 MB of heap', () => {
  using project = new TestProject()
  writeGeneratedDag(project.dir, 10_000)
  const options = { projectDir: project.dir, cacheDir: project.cacheDir, workflow: 'dag', dryRun: true }
  const output = execFileSync(
    process.execPath,
    [
      '--max-old-space-size=80',
      '--max-semi-space-size=8',
      join(import.meta.dirname, 'run-once.ts'),
      JSON.stringify(options),
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 26, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const { value } = JSON.parse(output)
  assert.equal(value.tasks.length, 10_000)
})
