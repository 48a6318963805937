/** The events of a run: each says when, and the log holds what reporters were given. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import * as v from 'valibot'
import { readEvents } from '../../src/engine/event-log.ts'
import { defineTaskType, type TaskContext } from '../../src/engine/workflow/task-type.ts'
import { done } from '../../src/platform/result.ts'
import { TestProject } from './project.ts'

const workflow = `
tasks:
  all: { needs: [good, bad] }
  good: { run: "echo printed; touch good", outputs: [good] }
  bad: { run: "exit 1", retries: 1, cache: false }
`

test('every event says when it happened, and the log holds the same events, but for what tasks printed', async () => {
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
    events.filter(({ type }) => type !== 'task-output'),
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

const counter = defineTaskType({
  name: 'counter',
  description: 'Reports as it counts',
  schema: v.strictObject({}),
  async run(context: TaskContext<object>) {
    for (const count of [1, 2]) context.event('counted', { count })
    return done
  },
})

test('what a task type reports is among the events, with its task, when it happens', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  count: { uses: counter, cache: false }\n')
  const { events, summary } = await project.run({ taskTypes: { counter: async () => ({ default: counter }) } })
  assert.deepEqual(
    events.map(({ type }) => type),
    ['run-started', 'task-started', 'task-event', 'task-event', 'task-finished', 'run-finished'],
  )
  const { at, ...first } = events[2] ?? {}
  assert.deepEqual(first, { type: 'task-event', task: 'count', kind: 'counted', data: { count: 1 } })
  assert.deepEqual(readEvents(project.path(join('cache/runs', summary.run))), events)
})
