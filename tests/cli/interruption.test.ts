import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { sleep } from '../../src/platform/clock.ts'
import { makeProject } from './project.ts'
import { start } from './run.ts'

/** The tasks tell by files what they did; those that wait do so until they are ended. */
const files = {
  'workflows/wait.yaml': `
tasks:
  up: { run: "touch up", cache: false }
  wait: { run: "echo waiting; sleep 600", needs: [up], cache: false }
  down: { run: "touch down", cleans: up }
`,
  'workflows/stuck.yaml': `
tasks:
  up: { run: "touch up", cache: false }
  wait: { run: "echo waiting; sleep 600", needs: [up], cache: false }
  down: { run: "echo cleaning; sleep 600; touch down", cleans: up }
`,
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  test(`${signal} ends what runs, cleans up, says so, and exits with 130`, async context => {
    const cwd = makeProject(context, files)
    const started = start(['flow', 'wait', '--verbose'], { cwd })
    await started.stderrHas('wait │ waiting')
    started.child.kill(signal)
    const { code, stdout, stderr } = await started.ended
    assert.equal(code, 130, stderr)
    assert.match(stderr, /: stopping tasks, then cleaning up. Press Ctrl-C again to skip the clean-up.\n/)
    assert.match(stdout, /^cancelled in .*1 cancelled/)
    assert.ok(existsSync(join(cwd, 'down')))
  })

test('the second Ctrl-C ends the clean-up too', async context => {
  const cwd = makeProject(context, files)
  const started = start(['flow', 'stuck', '--verbose'], { cwd })
  await started.stderrHas('wait │ waiting')
  started.child.kill('SIGINT')
  await started.stderrHas('down │ cleaning')
  started.child.kill('SIGINT')
  const { code, stderr } = await started.ended
  assert.equal(code, 130, stderr)
  assert.match(stderr, /Ctrl-C again: ending the clean-up tasks too\n/)
  assert.ok(!existsSync(join(cwd, 'down')))
})

test('a reader that goes away does not end a run before its end', async context => {
  const cwd = makeProject(context, {
    'workflows/talk.yaml': 'tasks:\n  talk: { run: "for i in 1 2 3; do echo $i; done; touch done" }\n',
  })
  const started = start(['flow', 'talk', '--json'], { cwd })
  started.child.stdout?.destroy()
  assert.equal((await started.ended).code, 0)
  assert.ok(existsSync(join(cwd, 'done')))
})

const stateOf = (pid: number | string): string => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return stat.slice(stat.lastIndexOf(')') + 2)[0] ?? ''
}

async function until(look: () => boolean): Promise<void> {
  const from = performance.now()
  while (!look()) {
    assert.ok(performance.now() - from < 60_000, `never came: ${look}`)
    await sleep(10)
  }
}

test('Ctrl-Z stops what tasks started, also out of their group; fg goes on', async context => {
  const away = "setsid bash -c 'echo $$ > away; echo ready > ready; exec sleep 600' &"
  const cwd = makeProject(context, {
    'workflows/long.yaml': `tasks: { a: { cache: false, run: "bash -c 'echo $$ > own.new; mv own.new own; exec sleep 600' & ${away.replaceAll('\\', '\\\\')} until test -e go; do sleep 0.02; done; touch done; kill %1; pkill -F away" } }`,
  })
  const started = start(['flow', 'long'], { cwd })
  const pid = started.child.pid ?? 0
  const read = (name: string) => readFileSync(join(cwd, name), 'utf8').trim()
  await until(() => existsSync(join(cwd, 'own')) && existsSync(join(cwd, 'ready')))
  started.child.kill('SIGTSTP')
  await until(() => stateOf(pid) === 'T')
  for (const name of ['own', 'away']) await until(() => stateOf(read(name)) === 'T')
  started.child.kill('SIGCONT')
  for (const name of ['own', 'away']) await until(() => stateOf(read(name)) === 'S')
  await until(() => stateOf(pid) !== 'T')
  started.child.kill('SIGINT')
  assert.equal((await started.ended).code, 130)
})

for (const [what, argv] of [
  ['a dry run', ['--dry-run', '--run-fingerprints']],
  ['a run', []],
] as const)
  test(`Ctrl-C ends a fingerprint command of ${what} at once`, async context => {
    const cwd = makeProject(context, {
      'workflows/slow.yaml': 'tasks: { a: { run: "true", fingerprint: ["touch begun; sleep 600"] } }',
    })
    const started = start(['flow', 'slow', ...argv], { cwd })
    await until(() => existsSync(join(cwd, 'begun')))
    started.child.kill('SIGINT')
    assert.equal((await started.ended).code, 130)
  })

test('Ctrl-C ends the wait for another run of the project', async context => {
  const cwd = makeProject(context, files)
  const first = start(['flow', 'wait', '--verbose'], { cwd })
  await first.stderrHas('wait │ waiting')
  const second = start(['flow', 'compile'], { cwd })
  await second.stderrHas('Waiting for another run')
  second.child.kill('SIGINT')
  assert.equal((await second.ended).code, 130)
  first.child.kill('SIGINT')
  await first.ended
})

test('what a killed run leaves in /tmp goes with it', async context => {
  const cwd = makeProject(context, {
    'workflows/long.yaml':
      'tasks: { a: { cache: false, run: \'echo "$TMPDIR" > place.new; mv place.new place; sleep 600\' } }',
  })
  const started = start(['flow', 'long'], { cwd })
  await until(() => existsSync(join(cwd, 'place')))
  const place = readFileSync(join(cwd, 'place'), 'utf8').trim()
  assert.match(place, /^\/tmp\/k8s-ha-/)
  started.child.kill('SIGKILL')
  await started.ended
  await until(() => !existsSync(join(place, '../..')))
})
