/** Kills runs at any moment: the next run is right, and nothing is left behind. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { poll } from '../../src/platform/poll.ts'
import { processesWithTmpdir } from '../../src/platform/processes/leftovers.ts'
import { identify } from '../../src/platform/processes/process-identity.ts'
import { TestProject } from './project.ts'

function start(project: TestProject, workflow = 'main'): ChildProcess {
  const options = JSON.stringify({ projectDir: project.dir, cacheDir: project.cacheDir, workflow })
  return spawn(process.execPath, [join(import.meta.dirname, 'run-once.ts'), options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
}

/** Resolves when the file is there; the test's own time limit bounds it. */
async function appears(path: string): Promise<void> {
  const watcher = watch(join(path, '..'))
  try {
    while (!existsSync(path)) await Promise.race([once(watcher, 'change'), delay(100)])
  } finally {
    watcher.close()
  }
}

async function goes(pid: number): Promise<void> {
  await poll(
    () => identify(pid),
    one => one === undefined,
    { everyMs: 10 },
  )
}

const hanging = `
tasks:
  hang:
    run: |
      (trap '' TERM; setsid sleep 1000 & echo $! > escaped; sleep 1000) & echo $! > inner
      until test -s escaped; do sleep 0.01; done
      touch started
      wait
    cache: false
`

test('kill -9 of the run ends its tasks, also what ignores SIGTERM or left the group', {
  timeout: 60_000,
}, async () => {
  using project = new TestProject()
  project.workflow(hanging)
  const run = start(project)
  await appears(project.path('started'))
  run.kill('SIGKILL')
  await goes(Number(project.read('inner')))
  await goes(Number(project.read('escaped')))
})

test('kill -9 of a task fails it, ends what it started and keeps nothing of it; the next run is right', {
  timeout: 60_000,
}, async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  made:
    run: |
      echo half > made
      test -e again || { sleep 1000 & echo $! > inner; echo $$ > pid; touch started; wait; }
      echo whole > made
    outputs: [made]
  used: { run: "cp made used", needs: [made], outputs: [used] }
`)
  const running = project.run()
  await appears(project.path('started'))
  process.kill(Number(project.read('pid')), 'SIGKILL')
  const killed = await running
  assert.deepEqual(killed.status, { made: 'failed', used: 'skipped' })
  assert.match(killed.summary.tasks[0]?.failure?.message ?? '', /SIGKILL|exit code 137/)
  await goes(Number(project.read('inner')))
  assert.equal(existsSync(project.path('made')), false)
  project.write('again', '')
  assert.deepEqual((await project.run()).status, { made: 'executed', used: 'executed' })
  assert.equal(project.read('used'), 'whole\n')
})

test('the run after a killed one ends what is left, and says so', { timeout: 60_000 }, async () => {
  using project = new TestProject()
  project.workflow(hanging)
  const run = start(project)
  await appears(project.path('started'))
  // The guard is killed too, so that only the next run can clean up.
  const marker: { guard: { pid: number } } = JSON.parse(readFileSync(markerFile(project), 'utf8'))
  process.kill(marker.guard.pid, 'SIGKILL')
  await goes(marker.guard.pid)
  run.kill('SIGKILL')
  await once(run, 'exit')
  const escaped = Number(project.read('escaped'))
  assert.ok(identify(escaped))
  project.workflow('tasks:\n  a: { run: "true", cache: false }\n')
  const next = await project.run()
  assert.match(next.warnings.join(), /was killed; cleaning up what it left/)
  await goes(escaped)
  assert.deepEqual((await project.run()).warnings, [])
})

test('a second run in one project waits, and says for whom', { timeout: 60_000 }, async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  slow: { run: "touch started; until test -e go; do sleep 0.01; done", cache: false }\n')
  project.workflow('tasks:\n  quick: { run: "touch quick", cache: false }\n', 'quick')
  const run = start(project)
  await appears(project.path('started'))
  const waits = project.run({ workflow: 'quick' })
  await delay(200)
  assert.equal(existsSync(project.path('quick')), false)
  project.write('go', '')
  const ran = await waits
  assert.match(
    ran.warnings[0] ?? '',
    new RegExp(`^Waiting for another run in .*: process ${run.pid} \\(node .*run-once\\.ts`),
  )
  assert.equal(ran.summary.status, 'passed')
})

test('the lock of a killed run is free at once', { timeout: 60_000 }, async () => {
  using project = new TestProject()
  project.workflow(hanging)
  const run = start(project)
  await appears(project.path('started'))
  run.kill('SIGKILL')
  await once(run, 'exit')
  project.workflow('tasks:\n  a: { run: "true", cache: false }\n')
  assert.equal((await project.run()).summary.status, 'passed')
})

/** A chain and a wide layer, with folders, large files and links: much to be in the middle of. */
const workflow = (salt: string) => `
tasks:
  tree:
    run: mkdir -p out/tree/empty; for i in $(seq 40); do echo ${salt} $i > out/tree/$i; done; ln -s 1 out/tree/link
    outputs: [out/tree]
  large:
    run: mkdir -p out; head -c 9000000 /dev/zero | tr '\\0' ${salt} > out/large
    outputs: [out/large]
  sum: { run: "cat out/tree/[0-9]* | cksum > out/sum; cksum < out/large >> out/sum", needs: [tree, large], outputs: [out/sum] }
${Array.from({ length: 8 }, (_, i) => `  leaf${i}: { run: "echo ${i} | cat - out/sum > out/leaf${i}", needs: [sum], outputs: [out/leaf${i}] }`).join('\n')}
`

test('killed at any of hundreds of moments, the next run is right', { timeout: 900_000 }, async () => {
  const seed = Number(process.env.K8S_HA_TEST_SEED ?? Math.floor(Math.random() * 1e9))
  const rounds = Number(process.env.K8S_HA_TEST_CRASHES ?? 200)
  console.log(`seed ${seed}, ${rounds} kills`)
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const cold: Record<string, Record<string, string>> = {}
  let wholeMs = 0
  for (const salt of ['a', 'b']) {
    using project = new TestProject()
    project.workflow(workflow(salt))
    const startedMs = performance.now()
    const run = start(project)
    assert.deepEqual(await once(run, 'exit'), [0, null])
    wholeMs = performance.now() - startedMs
    cold[salt] = contents(project.path('out'))
  }
  using project = new TestProject()
  for (let round = 0; round < rounds; round++) {
    const salt = random() < 0.5 ? 'a' : 'b'
    project.workflow(workflow(salt))
    const run = start(project)
    const exited = once(run, 'exit')
    await Promise.race([delay(random() * wholeMs), exited])
    // The whole tree or the run alone: both happen to users.
    if (run.exitCode === null) process.kill(random() < 0.5 ? -(run.pid ?? 0) : (run.pid ?? 0), 'SIGKILL')
    await exited
    // Most are killed in the middle of what an earlier one left.
    if (random() < 0.8) continue
    const next = await project.run()
    assert.equal(next.summary.status, 'passed', `seed ${seed}, round ${round}`)
    assert.deepEqual(contents(project.path('out')), cold[salt], `seed ${seed}, round ${round}`)
    const again = await project.run()
    assert.deepEqual(
      Object.values(again.status).filter(status => status !== 'up-to-date'),
      [],
      `seed ${seed}, round ${round}`,
    )
  }
  project.workflow(workflow('a'))
  await project.run({ force: true })
  assert.deepEqual(contents(project.path('out')), cold.a)
  assert.deepEqual(processesWithTmpdir(project.cacheDir), [])
  assert.deepEqual(readdirSync(join(project.cacheDir, 'tmp')), [])
})

function markerFile(project: TestProject): string {
  const [id] = readdirSync(join(project.cacheDir, 'projects'))
  return join(project.cacheDir, 'projects', id ?? '', 'running')
}

function contents(folder: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    found[path.slice(folder.length)] = entry.isFile()
      ? readFileSync(path, 'latin1')
      : entry.isSymbolicLink()
        ? 'link'
        : 'folder'
  }
  return found
}
