/** The events of a run: each says when, and the log holds what reporters were given. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestProject } from './project.ts'

const workflow = `
tasks:
  all: { needs: [good, bad] }
  good: { run: "echo printed; touch good", outputs: [good] }
  bad: { run: "exit 1", retries: 1, cache: false }
`

test('every event says when it happened, and the log holds the same events', async () => {
  using project = new TestProject()
  project.workflow(workflow)
  const { events, summary } = await project.run({ keepGoing: true, keep: true })
  const times = events.map(({ at }) => at)
  for (const at of times) assert.equal(new Date(at).toISOString(), at)
  assert.deepEqual(times, times.toSorted())
  const log = project
    .read(join('cache/runs', summary.run, 'events.ndjson'))
    .trimEnd()
    .split('\n')
  assert.deepEqual(
    log.map(line => JSON.parse(line)),
    events,
  )
  for (const line of log) assert.match(line, /,"at":"[^"]+"\}$/)
})

test('every event of a dry run says when it happened', async () => {
  using project = new TestProject()
  project.workflow(workflow)
  const { events } = await project.run({ dryRun: true })
  assert.equal(events.length, 5)
  for (const { at } of events) assert.equal(new Date(at).toISOString(), at)
})
