/** Jobs: plain data that a queue can carry, and the runner of this machine runs the copy like the original. */
import assert from 'node:assert/strict'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as v from 'valibot'
import type { Job, Runner } from '../../src/engine/runners/runner.ts'
import type { SandboxRequest, SandboxRunner } from '../../src/engine/sandbox-runner.ts'
import { defineTaskType } from '../../src/engine/workflow/task-type.ts'
import { digestOf } from '../../src/platform/digest.ts'
import { failed } from '../../src/platform/failure.ts'
import { fail, ok } from '../../src/platform/result.ts'
import { runDeclared } from '../../src/sandbox/run-declared.ts'
import { type Extra, TestProject } from './project.ts'

const note = defineTaskType({
  name: 'note',
  description: 'Notes what it was given',
  schema: v.object({ text: v.string(), fail: v.optional(v.boolean(), false) }),
  async run({ with: { text, fail: fails }, inputs, needs, outputs, env, projectDir, event, log }) {
    const paths = [...inputs, ...[...needs.values()].flat(), ...outputs].map(path => path.slice(projectDir.length + 1))
    log(`${text} ${paths.join(' ')} ${JSON.stringify(env)}`)
    event('noted', { text })
    return fails ? fail(failed('Cannot note it', { last: text })) : ok(`noted ${text}`)
  },
})

const workflow = `
params:
  word: { default: "it's" }
tasks:
  all: { needs: [made, noted] }
  made:
    run: "cat a.txt in/* > made; echo \${{ params.word }} $WORD >> made; echo said; echo aside >&2"
    inputs: [a.txt, "in/*"]
    outputs: [made]
    env: [WORD]
  noted: { uses: note, with: { text: "\${{ params.word }}" }, needs: [all-made], inputs: [made], env: [WORD], cache: false }
  all-made: { needs: [made] }
  refused: { uses: note, with: { text: no, fail: true }, needs: [all-made], cache: false }
  broken: { run: "echo first line; exit 7", retries: 1, cache: false, timeout: 20s }
`

function project(): TestProject {
  const made = new TestProject()
  made.workflow(workflow)
  made.write('a.txt', 'a')
  made.write('in/b.txt', 'b')
  return made
}

/** Passes each job on to this machine as `change` leaves it. */
const through =
  (change: (job: Job) => Job, seen: Job[] = []) =>
  (thisMachine: Runner): Runner => ({
    async run(job, hooks) {
      seen.push(job)
      return JSON.parse(JSON.stringify(await thisMachine.run(change(job), hooks)))
    },
  })

const parsedCopy = (job: Job): Job => JSON.parse(JSON.stringify(job))

const options: Extra = {
  taskTypes: { note: async () => ({ default: note }) },
  codeDigests: { note: digestOf('note') },
  environment: { WORD: 'secret' },
  keepGoing: true,
  concurrency: 1,
}

/** What a user sees of a run, without what differs between any two. */
async function seenOf(one: TestProject, extra: Extra) {
  const { summary, output, events } = await one.run({ ...options, ...extra })
  const tasks = summary.tasks.map(({ durationMs: _, failure, ...task }) => {
    const { log: __, ...told } = failure ?? {}
    return { ...task, told }
  })
  return { tasks, output, told: events.filter(({ type }) => type === 'task-event').length }
}

test('a job that was sent as JSON has the same result', async () => {
  using local = project()
  using sent = project()
  const seen: Job[] = []
  const expected = await seenOf(local, {})
  assert.deepEqual(await seenOf(sent, { runner: through(parsedCopy, seen) }), expected)
  assert.equal(sent.read('made'), local.read('made'))
  assert.deepEqual(
    seen.map(({ task, attempt }) => `${task} ${attempt}`),
    ['made 1', 'broken 1', 'broken 2', 'noted 1', 'refused 1'],
  )
  for (const job of seen) assert.deepEqual(parsedCopy(job), job)
})

test('a job holds what its program needs, and no value of the environment', async () => {
  using one = project()
  const jobs: Job[] = []
  const { summary } = await one.run({ ...options, runner: through(job => job, jobs) })
  const [made] = jobs
  const noted = jobs.find(({ task }) => task === 'noted')
  const mode = (statSync(one.path('a.txt')).mode & 0o7777).toString(8)
  const content = (text: string) => `${mode} ${text.length} ${digestOf(text)}`
  assert.deepEqual(made, {
    format: 2,
    run: summary.run,
    flow: 'main',
    task: 'made',
    at: 'workflows/main.yaml:6:3',
    attempt: 1,
    key: made?.key,
    command: made?.command,
    inputs: [
      { path: 'a.txt', content: content('a') },
      { path: 'in/b.txt', content: content('b') },
    ],
    needs: [],
    outputs: ['made'],
    env: ['WORD'],
    resources: { cpu: 1 },
    timeoutMs: 0,
  })
  assert.match(made?.key ?? '', /^[0-9a-f]{64}$/)
  assert.deepEqual(noted?.command, { kind: 'task type', type: 'note', with: { text: "it's" } })
  assert.deepEqual(noted?.inputs, [{ path: 'made' }])
  assert.deepEqual(
    noted?.needs.map(({ task, outputs }) => [task, outputs]),
    [['all-made', ['made']]],
  )
  assert.equal(JSON.stringify(jobs).includes('secret'), false)
})

test('what a runner fails with ends the task, and another runner may do without this machine', async () => {
  using one = project()
  const nowhere = (): Runner => ({ run: async ({ task }) => fail(failed(`No machine takes ${task}`)) })
  const { summary, warnings } = await one.run({ ...options, runner: nowhere })
  const broken = summary.tasks.find(({ task }) => task === 'broken')
  assert.equal(broken?.status, 'failed')
  assert.equal(broken?.failure?.message, 'No machine takes broken')
  assert.deepEqual(warnings, ['try 1 of 2 failed: No machine takes broken'])
})

test('a sandboxed job that was sent as JSON has the same result', { skip: needsRoot() }, async () => {
  using local = project()
  using sent = project()
  const jobs: Job[] = []
  const sandbox = { verifyInputs: true, sandbox: { run: runDeclared } }
  const expected = await seenOf(local, sandbox)
  assert.deepEqual(await seenOf(sent, { ...sandbox, runner: through(parsedCopy, jobs) }), expected)
  assert.deepEqual(jobs[0]?.sandbox, { network: true })
})

test('a job on a root names the root by its digest, and shows the outputs of its other needs', async () => {
  using one = new TestProject()
  one.workflow(`
tasks:
  root: { run: "echo root > root.tar", outputs: [root.tar] }
  part: { run: "echo part > part", outputs: [part] }
  build: { run: "make", needs: [part], outputs: [built], sandbox: { root: root } }
`)
  const requests: SandboxRequest[] = []
  const sandbox: SandboxRunner = {
    async run(request) {
      requests.push(request)
      writeFileSync(join(request.projectDir, 'built'), '')
      return ok({ exitCode: 0, missed: [], undeclaredWrites: [] })
    },
  }
  const jobs: Job[] = []
  const ran = await one.run({ sandbox, runner: through(parsedCopy, jobs) })
  assert.equal(ran.status.build, 'executed')
  const build = jobs.find(({ task }) => task === 'build')
  const root = build?.needs.find(({ task }) => task === 'root')
  assert.deepEqual(build?.sandbox, {
    network: false,
    root: { madeBy: 'root', archive: 'root.tar', digest: root?.digest },
  })
  assert.deepEqual(requests[0]?.root, { archive: one.path('root.tar'), digest: root?.digest })
  assert.deepEqual(requests[0]?.inputs, ['part'])
})

function needsRoot(): string | false {
  return process.getuid?.() === 0 ? false : 'needs root'
}
