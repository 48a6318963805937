/** VMs with a disk of their own: it can be full or slow, it outlives a reset, and nothing of it outlives the cluster. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { clusterIdOf } from '../../src/drivers/cluster-state.ts'
import { findHierarchies } from '../../src/drivers/netns/cgroups.ts'
import { leftBehind, machineState } from './support/machine-state.ts'
import { checkout, runCli, shown } from './support/run-cli.ts'
import { StartedCli } from './support/started-cli.ts'

const flow = 'etcd-disk-full'
const stateDir = join(checkout, 'cache/clusters/etcd-disk')

/** VMs whose disk a scenario has filled. */
const filled = (): readonly string[] => {
  const vms = join(stateDir, 'vms')
  return (existsSync(vms) ? readdirSync(vms) : []).filter(vm => {
    const pid = join(vms, vm, 'pid')
    return existsSync(pid) && existsSync(`/proc/${readFileSync(pid, 'utf8').trim()}/root/var/lib/etcd/filler`)
  })
}

/** Until a disk is full; resolves to the run, which goes on. */
async function startUntilFull(options: readonly string[], { ownGroup = false } = {}) {
  const run = new StartedCli(['flow', flow, ...options], { ownGroup })
  while (filled().length === 0) {
    assert.equal(run.child.exitCode, null, `the run ended before a disk was full:\n${run.text}`)
    await setTimeout(20)
  }
  return run
}

test('scenarios fill a disk and slow one, and nothing of their cluster is left', async () => {
  const before = machineState()
  const tasks = ['etcd-disk-full', 'etcd-slow-disk']
  const run = await runCli(['flow', 'verify-all', ...tasks.flatMap(task => ['--only', task])])
  assert.equal(run.exitCode, 0, shown(run))
  for (const task of tasks)
    assert.match(run.stdout + run.stderr, new RegExp(`✓ ${task} .* etcd-healthy 2 → 3`), shown(run))
  assert.deepEqual(leftBehind(before, machineState()), [])
})

test('a run that is killed while a disk is slow leaves nothing that the next one must wait for', async () => {
  const before = machineState()
  const run = new StartedCli(['flow', 'etcd-slow-disk', '--verbose'], { ownGroup: true })
  await run.says(/etcd-healthy .* 2 of 3 healthy/)
  await run.kill()
  const down = await runCli(['cluster', 'down', '--all'])
  assert.equal(down.exitCode, 0, shown(down))
  assert.deepEqual(leftBehind(before, machineState()), [])
})

test('when everything is killed, the kernel alone lets go of the disks', async () => {
  const before = machineState()
  const run = await startUntilFull([], { ownGroup: true })
  assert.equal(machineState().loops?.length, (before.loops?.length ?? 0) + 3)
  await run.kill()
  const group = join(findHierarchies()?.unified ?? '', 'k8s-ha', clusterIdOf(stateDir))
  writeFileSync(join(group, 'cgroup.kill'), '1')
  for (let tries = 0; tries < 200 && leftBehind(before, machineState()).some(isLoop); tries++) await setTimeout(50)
  assert.deepEqual(leftBehind(before, machineState()).filter(isLoop), [])
  const down = await runCli(['cluster', 'down', '--all'])
  assert.equal(down.exitCode, 0, shown(down))
  assert.deepEqual(leftBehind(before, machineState()), [])
})

const isLoop = (line: string): boolean => line.startsWith('loops: ')

describe('a cluster that was kept when its scenario was interrupted', () => {
  const before = machineState()
  after(async () => {
    const down = await runCli(['cluster', 'down', '--all'])
    assert.equal(down.exitCode, 0, shown(down))
    assert.deepEqual(leftBehind(before, machineState()), [])
  })

  const onVm = async (...argv: readonly string[]) => {
    const run = await runCli(['cluster', 'exec', '194', '--', ...argv])
    assert.equal(run.exitCode, 0, shown(run))
    return run.stdout
  }

  test('has room on its disks again', async () => {
    const run = await startUntilFull(['--keep'])
    run.child.kill('SIGINT')
    assert.equal(await run.ended, 130, run.text)
    assert.equal(existsSync(stateDir), true)
    assert.deepEqual(filled(), [])
  })

  test('has what lies on its disks also after a reset', async () => {
    await onVm('sh', '-c', 'echo kept >/var/lib/etcd/note')
    for (let times = 0; times < 3; times++) {
      const reset = await runCli(['vm', 'reset', '194'])
      assert.equal(reset.exitCode, 0, shown(reset))
    }
    assert.equal(await onVm('cat', '/var/lib/etcd/note'), 'kept\n')
    assert.match(
      await onVm('findmnt', '--noheadings', '--output', 'FSTYPE,SOURCE', '/var/lib/etcd'),
      /^ext4 +\/dev\/loop/,
    )
  })
})
