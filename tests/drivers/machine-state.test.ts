/** What the tests of clusters call left behind: what is ours, and nothing of other programs of this machine. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { type TestContext, test } from 'node:test'
import { leftBehind, machineState } from '../cluster/support/machine-state.ts'
import { checkout } from '../cluster/support/run-cli.ts'

async function elsewhere(context: TestContext, cwd: string): Promise<number> {
  const child = spawn('unshare', ['--mount', 'sh', '-c', 'echo; exec sleep 60'], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  context.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child.pid ?? assert.fail()
}

test('a process of ours in another namespace is left behind, one of another program is not', async context => {
  const before = machineState()
  const other = await elsewhere(context, tmpdir())
  const ours = await elsewhere(context, checkout)
  const left = leftBehind(before, machineState()).join('\n')
  assert.match(left, new RegExp(`^processes: ${ours} `, 'm'))
  assert.doesNotMatch(left, new RegExp(`^processes: ${other} `, 'm'))
})
