import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { poll } from '../../src/platform/poll.ts'
import { processesWith } from './processes-with.ts'
import { sandboxFixture } from './sandbox-fixture.ts'

test('kill -9 of a run ends all that it started, and the next run sweeps its folders', async t => {
  const { command, cacheDir, run } = sandboxFixture(t)
  const marker = `sleep ${400_000 + process.pid}`
  const program = join(import.meta.dirname, 'killed-run.ts')
  const child = spawn(process.execPath, [program, JSON.stringify(command(`setsid ${marker} & echo up; ${marker}`))])
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  await eventually(() => processesWith(marker).length === 2)
  child.kill('SIGKILL')
  await exited
  await eventually(() => processesWith(marker).length === 0)
  const scratch = join(cacheDir, 'scratch')
  assert.equal(readdirSync(scratch).length, 1, 'the killed run has left its folder')
  await run('true')
  assert.deepEqual(readdirSync(scratch), [])
})

async function eventually(holds: () => boolean): Promise<void> {
  assert.ok(await poll(holds, Boolean, { everyMs: 10, withinMs: 30_000 }))
}
