/** The main job, as a user types it: it passes, and nothing of it stays on the machine. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leftBehind, machineState } from './support/machine-state.ts'
import { runCli } from './support/run-cli.ts'
import { assertPassed } from './support/verdicts.ts'

test('test-ipv6 passes and leaves nothing behind', async context => {
  const before = machineState()
  const run = await runCli(['flow', 'test-ipv6', '--keep-going'])
  await assertPassed(context, run, ['etcd-vm-reboot', 'master-reboot', 'lb-reboot', 'etcd-k8s-reboot'])
  assert.deepEqual(leftBehind(before, machineState()), [])
})
