/** A cache on another disk than the project: results are built on the project's, and a killed run leaves nothing there. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { poll } from '../../src/platform/poll.ts'
import { TestProject } from './project.ts'

const shm = '/dev/shm'
const skip = !existsSync(shm) && `there is no ${shm}`

test('what a killed run was building is gone after the next one', { skip, timeout: 60_000 }, async context => {
  using project = new TestProject()
  const cacheDir = mkdtempSync(join(shm, 'k8s-ha-'))
  context.after(() => rmSync(cacheDir, { recursive: true }))
  assert.notEqual(statSync(cacheDir).dev, statSync(project.dir).dev)
  const make = 'make: { run: mkdir -p out; seq 3 | split -l1 - out/, outputs: [out] }'
  project.workflow(`tasks: { ${make} }\n`)
  await project.run({ cacheDir })
  rmSync(project.path('out'), { recursive: true })
  assert.equal((await project.run({ cacheDir })).status.make, 'restored')
  assert.equal(project.read('out/ab'), '2\n')
  // Killed in the middle of a task; what it would have left in the middle of a restore lies there as well.
  project.workflow(`tasks: { ${make}, hang: { run: touch begun; sleep 1000, cache: false } }\n`)
  const options = JSON.stringify({ projectDir: project.dir, cacheDir, workflow: 'main' })
  const run = spawn(process.execPath, [join(import.meta.dirname, 'run-once.ts'), options], { stdio: 'ignore' })
  await poll(() => existsSync(project.path('begun')), Boolean, { everyMs: 10 })
  project.write('cache/stage/left/0/aa', 'half a file')
  run.kill('SIGKILL')
  await once(run, 'exit')
  project.workflow(`tasks: { ${make}, again: { run: "true", cache: false } }\n`)
  assert.equal((await project.run({ cacheDir })).status.make, 'up-to-date')
  assert.equal(existsSync(project.path('cache/stage/left')), false)
})
