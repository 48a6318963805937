/** With --keep a rerun uses the cluster that runs: only VMs whose configuration changed boot anew, and it says which. */
import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { leftBehind, type MachineState, machineState } from './support/machine-state.ts'
import { OwnProject } from './support/own-project.ts'
import { runCli, shown } from './support/run-cli.ts'
import { StartedCli } from './support/started-cli.ts'

/** What it breaks, it does not mend. */
const breaking = `
include: [etcd-vm-reboot]
tasks:
  mine:
    uses: run-scenario
    needs: [start-etcd]
    cache: false
    resources: { cpu: 0 }
    with:
      cluster: etcd
      steps:
        - stop: 193
        - isolate: 194
        - stop-service: { vm: 195, service: etcd }
        - wait: 600
`

describe('a cluster that is kept warm', () => {
  let project: OwnProject
  let earlier: MachineState

  const cli = async (...argv: readonly string[]) => {
    const run = await runCli([...argv, ...project.options])
    assert.equal(run.exitCode, 0, shown(run))
    return run.stdout + run.stderr
  }
  const start = () => cli('flow', 'etcd-vm-reboot', '--only', 'start-etcd', '--keep', '--verbose')
  const onVm = (id: number, ...argv: readonly string[]) =>
    runCli(['cluster', 'exec', ...project.options, String(id), '--', ...argv])
  /** A new one with each boot, and with each end of etcd. */
  const etcdPids = () => Promise.all([193, 194, 195].map(async id => (await onVm(id, 'cat', '/run/etcd.pid')).stdout))
  const boots = () =>
    Promise.all([193, 194, 195].map(async id => (await onVm(id, 'stat', '-c', '%Z', '/proc/1')).stdout))

  before(async () => {
    earlier = machineState()
    project = new OwnProject()
    assert.doesNotMatch(await start(), /still running|in place of/)
  })
  after(async () => {
    await cli('cluster', 'down', '--all')
    project.remove()
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
    mkdirSync(project.path('overlay/etc/k8s-ha/vm-194'), { recursive: true })
    writeFileSync(project.path('overlay/etc/k8s-ha/vm-194/note'), 'new\n')
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

  test('is whole again when its scenario was interrupted, whatever that broke', async () => {
    writeFileSync(project.path('workflows/mine.yaml'), breaking)
    const run = new StartedCli(['flow', 'mine', '--keep', '--verbose', ...project.options])
    await run.says(/stop-service vm-195/)
    run.child.kill('SIGINT')
    assert.equal(await run.ended, 130, run.text)
    const status = await cli('cluster', 'status', '--cluster', 'etcd')
    assert.equal([...status.matchAll(/^vm-19[345] +running/gm)].length, 3, status)
    const ask = () => onVm(193, 'etcdctl', 'endpoint', 'health', '--cluster')
    let health = await ask()
    for (let tries = 0; health.exitCode !== 0 && tries < 30; tries++) health = await ask()
    assert.equal(health.exitCode, 0, shown(health))
  })

  test('is replaced when every VM changed, and says why', async () => {
    appendFileSync(project.path('overlay/etc/etcd/etcd.yaml.template'), '# changed\n')
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
