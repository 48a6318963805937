/** What a killed run leaves is found and removed: by the user's command, and by the next run. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { leftBehind, machineState } from './support/machine-state.ts'
import { checkout, runCli, shown } from './support/run-cli.ts'
import { StartedCli } from './support/started-cli.ts'

/** Kills the program, and all it started itself, while the cluster boots. */
async function killWhileBooting(): Promise<void> {
  const state = join(checkout, 'cache/clusters/etcd/vms/vm-193/pid')
  assert.equal(existsSync(state), false, 'the cluster of an earlier test is still there')
  const run = new StartedCli(['flow', 'etcd-vm-reboot'], { ownGroup: true })
  while (!existsSync(state)) {
    assert.equal(run.child.exitCode, null, 'the run ended before its cluster booted')
    await setTimeout(5)
  }
  await run.kill()
}

test('cluster down --all removes what a killed run left', async () => {
  const before = machineState()
  await killWhileBooting()
  assert.notDeepEqual(leftBehind(before, machineState()), [], 'the kill came too late to leave anything')
  const down = await runCli(['cluster', 'down', '--all'])
  assert.equal(down.exitCode, 0, shown(down))
  assert.deepEqual(leftBehind(before, machineState()), [])
  assert.equal(existsSync(join(checkout, 'cache/clusters/etcd')), false)
})

test('the next run removes what a killed run left, whatever it does itself', async () => {
  const before = machineState()
  await killWhileBooting()
  const next = await runCli(['flow', 'keepalived-build'])
  assert.equal(next.exitCode, 0, shown(next))
  assert.match(next.stderr, /Removed cluster "etcd", which a killed run had left/)
  assert.deepEqual(leftBehind(before, machineState()), [])
})
