/** VMs with a disk of their own: it can be full or slow, it outlives a reset, and nothing of it outlives the cluster. */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { clusterIdOf } from '../../src/drivers/cluster-state.ts'
import { findHierarchies } from '../../src/drivers/netns/cgroups.ts'
import { leftBehind, machineState } from './support/machine-state.ts'
import { checkout, runCli, shown, startCli } from './support/run-cli.ts'

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
  const child = startCli(['flow', flow, ...options], { ownGroup })
  const ended = new Promise<number | null>(resolve => child.on('close', resolve))
  while (filled().length === 0) {
    assert.equal(child.exitCode, null, 'the run ended before a disk was full')
    await setTimeout(20)
  }
  return { child, ended }
}

/** On either stream. */
const untilSaid = (child: ChildProcess, what: RegExp): Promise<void> =>
  new Promise((resolve, reject) => {
    let text = ''
    child.on('close', () => reject(new Error(`the run ended before it said ${what}:\n${text}`)))
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', piece => {
        text += piece
        if (what.test(text)) resolve()
      })
  })

test('a scenario fills a disk, and nothing of that cluster is left', async () => {
  const before = machineState()
  const run = await runCli(['flow', flow])
  assert.equal(run.exitCode, 0, shown(run))
  assert.match(run.stdout + run.stderr, /✓ etcd-disk-full .* etcd-healthy 2 → 3/, shown(run))
  assert.deepEqual(leftBehind(before, machineState()), [])
})

test('a scenario slows a disk, and nothing of that cluster is left', async () => {
  const before = machineState()
  const run = await runCli(['flow', 'etcd-slow-disk'])
  assert.equal(run.exitCode, 0, shown(run))
  assert.match(run.stdout + run.stderr, /✓ etcd-slow-disk .* etcd-healthy 2 → 3/, shown(run))
  assert.deepEqual(leftBehind(before, machineState()), [])
})

test('a run that is killed while a disk is slow leaves nothing that the next one must wait for', async () => {
  const before = machineState()
  const child = startCli(['flow', 'etcd-slow-disk', '--verbose'], { ownGroup: true })
  const ended = new Promise<number | null>(resolve => child.on('close', resolve))
  await untilSaid(child, /etcd-healthy .* 2 of 3 healthy/)
  process.kill(-(child.pid ?? 0), 'SIGKILL')
  await ended
  const down = await runCli(['cluster', 'down', '--all'])
  assert.equal(down.exitCode, 0, shown(down))
  assert.deepEqual(leftBehind(before, machineState()), [])
})

test('when everything is killed, the kernel alone lets go of the disks', async () => {
  const before = machineState()
  const { child, ended } = await startUntilFull([], { ownGroup: true })
  assert.equal(machineState().loops?.length, (before.loops?.length ?? 0) + 3)
  process.kill(-(child.pid ?? 0), 'SIGKILL')
  await ended
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
    const { child, ended } = await startUntilFull(['--keep'])
    child.kill('SIGINT')
    assert.equal(await ended, 130)
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
