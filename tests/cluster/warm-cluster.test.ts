/** With --keep a rerun uses the cluster that runs: only VMs whose configuration changed boot anew, and it says which. */
import assert from 'node:assert/strict'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { leftBehind, type MachineState, machineState } from './support/machine-state.ts'
import { cacheDir, checkout, runCli, shown } from './support/run-cli.ts'

describe('a cluster that is kept warm', () => {
  let project: string
  let earlier: MachineState

  const cli = async (...argv: readonly string[]) => {
    const run = await runCli([...argv, '--project', project, '--cache-dir', cacheDir])
    assert.equal(run.exitCode, 0, shown(run))
    return run.stdout + run.stderr
  }
  const start = () => cli('flow', 'etcd-vm-reboot', '--only', 'start-etcd', '--keep', '--verbose')
  const onVm = (id: number, ...argv: readonly string[]) =>
    runCli(['cluster', 'exec', '--project', project, String(id), '--', ...argv])
  /** A new one with each boot, and with each end of etcd. */
  const etcdPids = () => Promise.all([193, 194, 195].map(async id => (await onVm(id, 'cat', '/run/etcd.pid')).stdout))
  const boots = () =>
    Promise.all([193, 194, 195].map(async id => (await onVm(id, 'stat', '-c', '%Z', '/proc/1')).stdout))

  before(async () => {
    earlier = machineState()
    project = mkdtempSync(join(tmpdir(), 'k8s-ha-warm-'))
    for (const part of ['workflows', 'overlay', 'patches'])
      cpSync(join(checkout, part), join(project, part), { recursive: true })
    assert.doesNotMatch(await start(), /still running|in place of/)
  })
  after(async () => {
    await cli('cluster', 'down', '--all')
    rmSync(project, { recursive: true, force: true })
    assert.deepEqual(leftBehind(earlier, machineState()), [])
  })

  test('goes on as it is when nothing changed', async () => {
    const pids = await etcdPids()
    assert.match(await start(), /3 of 3 VMs are as wanted.*\n(.*\n)*.*✓ start-etcd .*still running/)
    assert.deepEqual(await etcdPids(), pids)
  })

  test('boots the one VM anew whose files changed, on its disk, and names both', async () => {
    const [first, second, third] = await boots()
    const written = await onVm(193, 'etcdctl', 'put', 'k8s-ha-test', 'kept')
    assert.equal(written.exitCode, 0, shown(written))
    mkdirSync(join(project, 'overlay/etc/k8s-ha/vm-194'), { recursive: true })
    writeFileSync(join(project, 'overlay/etc/k8s-ha/vm-194/note'), 'new\n')
    const told = await start()
    assert.match(told, /vm-194: note changed, boots anew/)
    assert.match(told, /2 of 3 VMs are as wanted/)
    assert.match(told, /still running, booted anew: vm-194 \(note\)/)
    const [firstNow, secondNow, thirdNow] = await boots()
    assert.deepEqual([firstNow, thirdNow], [first, third])
    assert.notEqual(secondNow, second)
    assert.equal((await onVm(194, 'cat', '/etc/k8s-ha/vm-194/note')).stdout, 'new\n')
    const read = await onVm(194, 'etcdctl', 'get', 'k8s-ha-test', '--print-value-only', '--consistency=s')
    assert.equal(read.stdout, 'kept\n')
  })

  test('gets back what was stopped or off', async () => {
    await cli('vm', 'stop', '193')
    await cli('vm', 'power-off', '195')
    assert.match(await start(), /etcd-healthy 3 · still running/)
  })

  test('is replaced when every VM changed, and says why', async () => {
    appendFileSync(join(project, 'overlay/etc/etcd/etcd.yaml.template'), '# changed\n')
    assert.match(await start(), /in place of the former "etcd": every VM changed \(etcd\.yaml\)/)
  })

  test('is replaced when its VMs are other ones, and says why', async () => {
    const text = await cli(
      'flow',
      'etcd-vm-reboot',
      '--only',
      'start-etcd',
      '--keep',
      '--set',
      'etcd_vms=193-195 196 197',
    )
    assert.match(text, /in place of the former "etcd": its VMs or addresses are other ones/)
  })
})
