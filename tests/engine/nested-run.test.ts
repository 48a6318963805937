/** A flow that a task of the same project starts. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestProject } from './project.ts'

const runOnce = join(import.meta.dirname, 'run-once.ts')

for (const [how, prefix] of [
  ['as its child', ''],
  ['without its environment', 'env -i '],
  ['out of its sight, but with its TMPDIR', 'setsid --wait '],
] as const)
  test(`is refused at once with the reason, started ${how}`, { timeout: 30_000 }, async () => {
    using project = new TestProject()
    const options = JSON.stringify({ projectDir: project.dir, cacheDir: project.cacheDir, workflow: 'inner' })
    project.workflow('tasks: { b: { run: "true", cache: false } }', 'inner')
    project.workflow(
      JSON.stringify({ tasks: { a: { cache: false, run: `${prefix}${process.execPath} ${runOnce} '${options}'` } } }),
    )
    const ran = await project.run()
    assert.equal(ran.status.a, 'failed')
    assert.match(ran.output, /Cannot run a flow of .* in a task of the same project/)
  })

test('a flow of another project runs there', async () => {
  using project = new TestProject()
  using other = new TestProject()
  other.workflow('tasks: { b: { run: "touch ran", cache: false } }')
  const options = JSON.stringify({ projectDir: other.dir, cacheDir: other.cacheDir, workflow: 'main' })
  project.workflow(
    JSON.stringify({ tasks: { a: { cache: false, run: `${process.execPath} ${runOnce} '${options}'` } } }),
  )
  assert.equal((await project.run()).summary.status, 'passed')
})

test('a run reports all six counts, also those that are 0', async () => {
  using project = new TestProject()
  project.workflow('tasks: { a: { run: "true", cache: false } }')
  const finished = (await project.run()).events.at(-1)
  assert.deepEqual(finished?.type === 'run-finished' && finished.counts, {
    executed: 1,
    restored: 0,
    'up-to-date': 0,
    failed: 0,
    skipped: 0,
    cancelled: 0,
  })
})
