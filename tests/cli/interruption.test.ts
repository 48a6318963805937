import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
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
