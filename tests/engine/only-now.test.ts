/** A result that its task calls good for this run alone. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import * as v from 'valibot'
import { defineTaskType } from '../../src/engine/workflow/task-type.ts'
import { ok } from '../../src/platform/result.ts'
import { TestProject } from './project.ts'

let isReachable = false

/** As a task that takes what it can get, and would rather have something else. */
const fetchAny = defineTaskType({
  name: 'fetch-any',
  description: 'Takes what is there',
  schema: v.object({}),
  async run({ outputs: [file = ''], onlyNow }) {
    writeFileSync(file, isReachable ? 'the right one' : 'another')
    if (!isReachable) onlyNow()
    return ok(isReachable ? 'found' : 'instead')
  },
})

test('it is used in this run, made again in the next, and kept once the task says nothing of the kind', async () => {
  isReachable = false
  using project = new TestProject()
  project.workflow(`
tasks:
  fetch: { uses: fetch-any, with: {}, inputs: [], outputs: [got] }
  copy: { run: cp got copied, needs: [fetch], inputs: [got], outputs: [copied] }
`)
  const taskTypes = { 'fetch-any': async () => ({ default: fetchAny }) }
  const run = () => project.run({ taskTypes, codeDigests: { 'fetch-any': '1' } })
  assert.deepEqual((await run()).status, { fetch: 'executed', copy: 'executed' })
  assert.equal(project.read('copied'), 'another')
  // The same bytes again: what is made of them is up to date.
  const again = await run()
  assert.deepEqual(again.status, { fetch: 'executed', copy: 'up-to-date' })
  assert.deepEqual(again.warnings, [])
  isReachable = true
  assert.deepEqual((await run()).status, { fetch: 'executed', copy: 'executed' })
  assert.equal(project.read('copied'), 'the right one')
  assert.deepEqual((await run()).status, { fetch: 'up-to-date', copy: 'up-to-date' })
  assert.ok((await run()).events.every(event => !('onlyNow' in event)))
})
