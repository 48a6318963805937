/** How tasks are run: order, concurrency, failure, time-outs, clean-up. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import * as v from 'valibot'
import type { RunEvent } from '../../src/engine/events.ts'
import { runFlow } from '../../src/engine/run-flow.ts'
import { defineTaskType, type TaskContext } from '../../src/engine/workflow/task-type.ts'
import { failed } from '../../src/platform/failure.ts'
import { identify } from '../../src/platform/processes/process-identity.ts'
import { fail, ok } from '../../src/platform/result.ts'
import { messages, TestProject } from './project.ts'

test('tasks run in an order that respects needs, whatever the shuffle', async () => {
  const seed = Math.floor(Math.random() * 1e9)
  console.log(`seed ${seed}`)
  using project = new TestProject()
  project.workflow(`
tasks:
  d: { run: "cat b c > d", needs: [b, c], outputs: [d] }
  b: { run: "cp a b", needs: [a], outputs: [b] }
  c: { run: "cp a c", needs: [a], outputs: [c] }
  a: { run: "echo 1 > a", outputs: [a] }
`)
  for (let round = 0; round < 5; round++) {
    const ran = await project.run({ force: true, shuffleSeed: seed + round })
    assert.equal(ran.summary.status, 'passed')
    assert.equal(project.read('d'), '1\n1\n')
  }
})

test('independent tasks run at the same time, as many as the pool has room for', async () => {
  using project = new TestProject()
  // Each waits for the other to have started: alone, neither would end.
  project.workflow(`
tasks:
  a: { run: "touch a; until test -e b; do sleep 0.01; done", cache: false, timeout: 20s }
  b: { run: "touch b; until test -e a; do sleep 0.01; done", cache: false, timeout: 20s }
`)
  assert.equal((await project.run({ concurrency: 2 })).summary.status, 'passed')
})

test('a pool of size 1 lets one task in at a time, and amounts count', async () => {
  using project = new TestProject()
  const task = (name: string) =>
    `  ${name}: { run: "mkdir busy; sleep 0.02; rmdir busy", cache: false, resources: {cluster: 2, cpu: 0} }\n`
  project.workflow(`tasks:\n${['a', 'b', 'c', 'd'].map(task).join('')}`)
  const ran = await project.run({ concurrency: 4, pools: { cluster: 3 } })
  assert.equal(ran.summary.status, 'passed')
  assert.deepEqual(
    messages(await project.refused({ pools: { cluster: 1 } })),
    ['a', 'b', 'c', 'd'].map(name => `Task "${name}" wants 2 of the pool "cluster", whose size is 1`),
  )
})

test('a failure stops what depends on it and what has not started; keep-going stops only the former', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  bad: { run: "echo seen; echo why >&2; exit 3", cache: false }
  after: { run: "true", needs: [bad], cache: false }
  later: { run: "true", cache: false }
`)
  const ran = await project.run({ concurrency: 1 })
  assert.deepEqual(ran.status, { bad: 'failed', later: 'skipped', after: 'skipped' })
  const failure = ran.summary.tasks.find(({ task }) => task === 'bad')?.failure
  assert.equal(failure?.message, 'Task "bad" failed: exit code 3')
  assert.equal(failure?.at, 'workflows/main.yaml:3:3')
  assert.match(failure?.last ?? '', /why/)
  assert.equal(existsSync(failure?.log ?? ''), true)
  const going = await project.run({ concurrency: 1, keepGoing: true })
  assert.deepEqual(going.status, { bad: 'failed', later: 'executed', after: 'skipped' })
  assert.equal(going.because.after, 'bad failed')
})

test('bash stops at the first failing command, also in a pipe, and at an unset variable', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  first: { run: "false; true", cache: false }
  pipe: { run: "false | cat", cache: false }
  unset: { run: "echo $nothing", cache: false }
`)
  const ran = await project.run({ keepGoing: true })
  assert.deepEqual(ran.status, { first: 'failed', pipe: 'failed', unset: 'failed' })
})

test('each try of a task that fails tells its reason, and a later one may succeed', async () => {
  using project = new TestProject()
  project.workflow(`tasks:\n  flaky: { run: "echo x >> tries; test $(wc -l < tries) = 3", cache: false, retries: 2 }\n`)
  const ran = await project.run()
  assert.equal(ran.status.flaky, 'executed')
  assert.deepEqual(ran.warnings, [
    'try 1 of 3 failed: Task "flaky" failed: exit code 1',
    'try 2 of 3 failed: Task "flaky" failed: exit code 1',
  ])
})

test('a time-out ends the whole process group', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  hang:
    run: |
      sleep 1000 & echo $! > pid
      wait
    timeout: 300ms
    cache: false
`)
  const ran = await project.run()
  assert.equal(ran.status.hang, 'failed')
  assert.match(ran.summary.tasks[0]?.failure?.message ?? '', /Cannot finish "hang": it was still running after 300 ms/)
  assert.equal(isRunning(project.read('pid')), false)
})

test('a time-out ends what ignores SIGTERM too, once the grace time is over; SIGTERM comes first', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  polite: { run: "trap 'echo told > told; exit 1' TERM; sleep 1000 & wait", timeout: 300ms, cache: false }
  stubborn: { run: "trap '' TERM; sleep 1000 & echo $! > pid; wait", timeout: 300ms, cache: false }
`)
  const ran = await project.run({ keepGoing: true, concurrency: 2 })
  assert.deepEqual(ran.status, { polite: 'failed', stubborn: 'failed' })
  assert.equal(project.read('told'), 'told\n')
  assert.equal(isRunning(project.read('pid')), false)
})

test('what a task leaves in the background does not outlive it', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  leave: { run: "sleep 1000 & echo $! > pid", cache: false }\n')
  assert.equal((await project.run()).status.leave, 'executed')
  assert.equal(isRunning(project.read('pid')), false)
})

const cluster = (middle: string) => `
tasks:
  start: { run: "echo up >> log", cache: false }
  work: { run: "${middle}", needs: [start], cache: false }
  more: { run: "true", needs: [work], cache: false }
  stop: { run: "echo down >> log", cleans: start }
`

test('a clean-up task runs after all that depend on what it cleans, also when they fail', async () => {
  using project = new TestProject()
  project.workflow(cluster('echo work >> log; false'))
  const ran = await project.run()
  assert.deepEqual(ran.status, { start: 'executed', work: 'failed', more: 'skipped', stop: 'executed' })
  assert.equal(project.read('log'), 'up\nwork\ndown\n')
})

test('a clean-up task whose task did not start is skipped', async () => {
  using project = new TestProject()
  project.workflow(
    `${cluster('true').replace('cache: false }', 'needs: [bad], cache: false }')}  bad: { run: "false", cache: false }\n`,
  )
  const ran = await project.run()
  assert.equal(ran.status.stop, 'skipped')
  assert.equal(ran.because.stop, 'start did not run')
})

test('--keep keeps; --keep-on-failure keeps only when something failed', async () => {
  using project = new TestProject()
  project.workflow(cluster('true'))
  assert.equal((await project.run({ keep: true })).status.stop, 'kept')
  assert.equal((await project.run({ keepOnFailure: true })).status.stop, 'executed')
  project.workflow(cluster('false'))
  assert.equal((await project.run({ keepOnFailure: true })).status.stop, 'kept')
})

test('Ctrl-C ends what runs, cancels the rest, and clean-up still happens', async () => {
  using project = new TestProject()
  project.workflow(cluster('echo work >> log; sleep 1000'))
  const stop = new AbortController()
  const statuses: Record<string, string> = {}
  const options = project.options({ signal: stop.signal })
  const result = await runFlow(options, options, {
    ...options,
    emit: event => {
      if (event.type === 'task-started' && event.task === 'work') stop.abort()
      if (event.type === 'task-finished') statuses[event.task] = event.status
    },
  })
  assert.equal(result.ok && result.value.status, 'cancelled')
  assert.deepEqual(statuses, { start: 'executed', work: 'cancelled', more: 'cancelled', stop: 'executed' })
  assert.match(project.read('log'), /down\n$/)
})

for (const [what, task] of [
  ['a failure', 'run: "false"'],
  ['a time-out', 'run: "sleep 1000", timeout: 100ms'],
] as const)
  test(`a task that always runs does so after ${what}, and so does one that cleans up`, async () => {
    using project = new TestProject()
    project.workflow(
      `tasks:\n  bad: { ${task}, cache: false }\n  logs: { run: "true", needs: [bad], always: true }\n  tidy: { run: "true", cleans: bad }\n`,
    )
    assert.deepEqual((await project.run()).status, { bad: 'failed', logs: 'executed', tidy: 'executed' })
  })

test('a task that always runs does so after Ctrl-C', async () => {
  using project = new TestProject()
  project.workflow(
    'tasks:\n  work: { run: "echo begun; sleep 1000", cache: false }\n  logs: { run: "true", needs: [work], always: true }\n',
  )
  const stop = new AbortController()
  const options = project.options({ signal: stop.signal })
  const result = await runFlow(options, options, {
    ...options,
    emit: event => {
      if (event.type === 'task-output') stop.abort()
    },
  })
  assert.deepEqual(result.ok && result.value.tasks.map(({ task, status }) => [task, status]), [
    ['work', 'cancelled'],
    ['logs', 'executed'],
  ])
})

test('a matrix makes one task for each combination', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  make:
    run: echo \${{ matrix.family }} \${{ matrix.size }} > out-\${{ matrix.family }}-\${{ matrix.size }}
    outputs: ["out-\${{ matrix.family }}-\${{ matrix.size }}"]
    matrix: { family: [IPv4, IPv6], size: [1, 2] }
  one: { run: "cat out-IPv6-2 > one", needs: ["make[IPv6,2]"], outputs: [one] }
  all: { run: "cat out-* > all", needs: [make], outputs: [all] }
`)
  const ran = await project.run()
  assert.deepEqual(Object.keys(ran.status).sort(), [
    'all',
    'make[IPv4,1]',
    'make[IPv4,2]',
    'make[IPv6,1]',
    'make[IPv6,2]',
    'one',
  ])
  assert.equal(project.read('all'), 'IPv4 1\nIPv4 2\nIPv6 1\nIPv6 2\n')
  assert.equal(project.read('one'), 'IPv6 2\n')
})

test('a matrix that is a list makes one task for each of its combinations, as written', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  break:
    run: echo \${{ matrix.defect }} by \${{ matrix.scenario }}
    cache: false
    matrix:
      - { defect: no-check, scenario: stop }
      - { scenario: kill, defect: no-lease }
  one: { run: "true", needs: ["break[no-lease,kill]"], cache: false }
`)
  const ran = await project.run({ concurrency: 1 })
  assert.deepEqual(Object.keys(ran.status).sort(), ['break[no-check,stop]', 'break[no-lease,kill]', 'one'])
  assert.equal(ran.output, 'no-check by stop\nno-lease by kill\n')
})

const oneAtATime = `
tasks:
  start: { run: "echo start \${{ matrix.n }} >> log", cache: false, matrix: { n: [1, 2, 3] }, resources: { machine: 1 } }
  use: { run: "echo use \${{ matrix.n }} >> log", cache: false, matrix: { n: [1, 2, 3] }, needs: ["start[\${{ matrix.n }}]"] }
  stop: { run: "echo stop \${{ matrix.n }} >> log", matrix: { n: [1, 2, 3] }, cleans: "start[\${{ matrix.n }}]" }
`

test('a task holds its pools until it has been cleaned up after, so that what it made is there alone', async () => {
  using project = new TestProject()
  project.workflow(oneAtATime)
  await project.run({ concurrency: 3, shuffleSeed: 7 })
  const lines = project.read('log').trim().split('\n')
  assert.equal(lines.length, 9)
  for (let at = 0; at < lines.length; at += 3) {
    const number = lines[at]?.split(' ')[1]
    assert.deepEqual(lines.slice(at, at + 3), [`start ${number}`, `use ${number}`, `stop ${number}`])
  }
})

test('a pool that is held comes free when nothing is cleaned up, too', async () => {
  using project = new TestProject()
  project.workflow(oneAtATime)
  const ran = await project.run({ keep: true })
  assert.deepEqual(
    Object.keys(ran.status)
      .filter(name => ran.status[name] === 'kept')
      .sort(),
    ['stop[1]', 'stop[2]', 'stop[3]'],
  )
})

test('who could wait for ever for a pool that is held is refused', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  start: { run: "true", cache: false, matrix: { n: [1, 2] }, resources: { machine: 1 } }
  use: { run: "true", cache: false, needs: ["start[1]"], resources: { machine: 1 } }
  both: { run: "true", cache: false, needs: [start] }
  stop: { run: "true", matrix: { n: [1, 2] }, cleans: "start[\${{ matrix.n }}]" }
`)
  assert.deepEqual(messages(await project.refused()), [
    'Task "use" wants the pool "machine", which "start[1]" holds until it has been cleaned up after',
    'Task "both" needs both "start[1]" and "start[2]", which hold pools: it could wait for ever',
  ])
})

test('--only runs the task and what it needs, and what cleans up after those', async () => {
  using project = new TestProject()
  project.workflow(`${cluster('true')}  other: { run: "true", cache: false }\n`)
  assert.deepEqual(Object.keys((await project.run({ only: ['work'] })).status).sort(), ['start', 'stop', 'work'])
  assert.equal(
    (await project.refused({ only: ['wrok'] })).message,
    'Unknown task "wrok" in workflow "main"; did you mean "work"?',
  )
})

test('included tasks run when something needs them; a workflow without tasks runs those of its includes', async () => {
  using project = new TestProject()
  project.workflow('include: [cluster]\ntasks:\n  check: { run: "true", needs: [start], cache: false }\n')
  project.workflow(
    'params: { size: { default: 1 } }\ntasks:\n  start: { run: "echo ${{ params.size }}", cache: false }\n  unused: { run: "true" }\n  stop: { run: "true", cleans: start }\n',
    'parts/cluster',
  )
  assert.deepEqual(Object.keys((await project.run({ set: new Map([['size', '2']]) })).status), [
    'start',
    'check',
    'stop',
  ])
  project.workflow('include: [main]\n', 'all')
  assert.deepEqual(Object.keys((await project.run({ workflow: 'all' })).status), ['start', 'check', 'stop'])
})

const echo = defineTaskType({
  name: 'echo',
  description: 'Writes its text',
  schema: v.strictObject({ text: v.string(), times: v.optional(v.number(), 1), fails: v.optional(v.boolean(), false) }),
  async run(context: TaskContext<{ text: string; times: number; fails: boolean }>) {
    const { writeFileSync } = await import('node:fs')
    context.log('working')
    context.progress('step 1 of 1')
    if (context.with.fails) return fail(failed('Cannot echo'))
    if (context.with.text === 'throw') throw new Error('a bug')
    writeFileSync(context.outputs[0] ?? '', context.with.text.repeat(context.with.times))
    return ok(`${context.with.times} times`)
  },
})
const types = { taskTypes: { echo: async () => ({ default: echo }) }, codeDigests: { echo: '1' } }

test('a task type runs with its options; its note is in the summary, also when nothing is to do', async () => {
  using project = new TestProject()
  project.workflow(
    'params: { n: { default: 2 } }\ntasks:\n  say: { uses: echo, with: { text: hi, times: "${{ params.n }}" }, outputs: [out] }\n',
  )
  const first = await project.run(types)
  assert.equal(first.summary.tasks[0]?.note, '2 times')
  assert.equal(project.read('out'), 'hihi')
  assert.ok(first.events.some(event => event.type === 'task-progress' && event.text === 'step 1 of 1'))
  const second = await project.run(types)
  assert.equal(second.status.say, 'up-to-date')
  assert.equal(second.summary.tasks[0]?.note, '2 times')
  assert.equal((await project.run({ ...types, codeDigests: { echo: '2' } })).because.say, 'code of echo changed')
})

test('a task type that fails or throws fails its task, not the run', async () => {
  using project = new TestProject()
  project.workflow(
    'tasks:\n  a: { uses: echo, with: { text: hi, fails: true }, outputs: [a] }\n  b: { uses: echo, with: { text: throw }, outputs: [b] }\n',
  )
  const ran = await project.run({ ...types, keepGoing: true })
  assert.deepEqual(
    ran.summary.tasks.map(({ failure }) => [failure?.kind, failure?.message]),
    [
      ['failed', 'Cannot echo'],
      ['internal', 'Task "b" broke off: a bug'],
    ],
  )
})

test('wrong options of a task type are told before anything runs', async () => {
  using project = new TestProject()
  project.workflow(
    'tasks:\n  first: { run: "touch ran", cache: false }\n  say: { uses: echo, with: { txt: hi }, needs: [first], outputs: [out] }\n',
  )
  const failure = await project.refused(types)
  assert.equal(failure.kind, 'usage')
  assert.match(messages(failure).join('\n'), /Task "say" gives echo a wrong "with" at "txt"/)
  assert.equal(existsSync(project.path('ran')), false)
})

test('an input that nothing can make is told before anything runs', async () => {
  using project = new TestProject()
  project.workflow(
    'tasks:\n  first: { run: "touch ran", cache: false }\n  use: { run: "true", needs: [first], inputs: [missing.txt] }\n',
  )
  const failure = await project.refused()
  assert.equal(failure.message, 'Input "missing.txt" of task "use" does not exist')
  assert.equal(existsSync(project.path('ran')), false)
})

test('--dry-run touches nothing, and is right about the run that follows', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  a: { run: "cp in a", inputs: [in], outputs: [a] }
  b: { run: "cp a b", needs: [a], outputs: [b] }
  c: { run: "echo > c", outputs: [c] }
`)
  project.write('in', '1')
  const dry = await project.run({ dryRun: true })
  assert.deepEqual(dry.status, { a: 'would-execute', b: 'unknown', c: 'would-execute' })
  assert.equal(existsSync(project.cacheDir), false)
  await project.run()
  assert.deepEqual((await project.run({ dryRun: true })).status, { a: 'up-to-date', b: 'up-to-date', c: 'up-to-date' })
  const { rmSync } = await import('node:fs')
  rmSync(project.path('a'))
  rmSync(project.path('b'))
  assert.deepEqual((await project.run({ dryRun: true })).status, {
    a: 'would-restore',
    b: 'would-restore',
    c: 'up-to-date',
  })
  assert.deepEqual((await project.run()).status, { a: 'restored', b: 'restored', c: 'up-to-date' })
})

test('the events of a run are in its folder, and the output of each task in a file', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  say: { run: "echo hello", cache: false }\n')
  const ran = await project.run()
  const dir = ran.summary.runDir ?? ''
  assert.match(dir, /cache\/runs\/\d{8}-\d{6}$/)
  const relative = dir.slice(project.dir.length + 1)
  assert.equal(project.read(`${relative}/say.log`), 'hello\n')
  const logged: RunEvent[] = project
    .read(`${relative}/events.ndjson`)
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  assert.deepEqual(
    ran.events.map(({ type }) => type),
    ['run-started', 'task-started', 'task-output', 'task-finished', 'run-finished'],
  )
  assert.deepEqual(
    logged,
    ran.events.filter(({ type }) => type !== 'task-output'),
  )
})

function isRunning(pid: string): boolean {
  return identify(Number(pid)) !== undefined
}
