/** The main job, as a user types it: both families pass, and nothing of it stays on the machine. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leftBehind, machineState } from './support/machine-state.ts'
import { runCli, shown } from './support/run-cli.ts'

for (const flow of ['test-ipv4', 'test-ipv6'])
  test(`${flow} passes and leaves nothing behind`, async () => {
    const before = machineState()
    const run = await runCli(['flow', flow])
    assert.equal(run.exitCode, 0, shown(run))
    for (const scenario of ['etcd-vm-reboot', 'master-reboot', 'lb-reboot', 'etcd-k8s-reboot'])
      assert.match(run.stdout + run.stderr, new RegExp(`✓ ${scenario} `), shown(run))
    assert.deepEqual(leftBehind(before, machineState()), [])
  })
