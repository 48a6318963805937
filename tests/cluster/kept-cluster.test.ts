/** A cluster that was kept: it outlives its run and later ones, and the commands act on it; interrupted ones go. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { leftBehind, type MachineState, machineState } from './support/machine-state.ts'
import { runCli, shown } from './support/run-cli.ts'
import { StartedCli } from './support/started-cli.ts'

describe('a cluster that was kept', () => {
  let earlier: MachineState
  before(async () => {
    earlier = machineState()
    const run = await runCli(['flow', 'etcd-vm-reboot', '--keep'])
    assert.equal(run.exitCode, 0, shown(run))
  })
  after(async () => {
    const down = await runCli(['cluster', 'down', '--cluster', 'etcd'])
    assert.equal(down.exitCode, 0, shown(down))
    assert.deepEqual(leftBehind(earlier, machineState()), [])
  })

  /** How many members answer, asked on vm-194. */
  async function healthy(): Promise<number> {
    const run = await runCli(['cluster', 'exec', '194', '--', 'etcdctl', 'endpoint', 'health', '--command-timeout=1s'])
    return [...`${run.stdout}${run.stderr}`.matchAll(/ is healthy/g)].length
  }
  async function until(wanted: number): Promise<void> {
    let seen = await healthy()
    for (let tries = 0; seen !== wanted && tries < 60; tries++) seen = await healthy()
    assert.equal(seen, wanted)
  }
  async function vm(verb: string, id: string): Promise<string> {
    const run = await runCli(['vm', verb, id])
    assert.equal(run.exitCode, 0, shown(run))
    return run.stdout
  }

  test('is still there after another run', async () => {
    await runCli(['flow', 'keepalived-build'])
    assert.match((await runCli(['cluster', 'ls'])).stdout, /^etcd +3 etcd/)
  })
  test('stops and resumes a VM', async () => {
    assert.equal(await vm('stop', '193'), 'vm-193 stopped\n')
    await until(2)
    const refused = await runCli(['cluster', 'exec', '193', '--', 'true'])
    assert.match(refused.stderr, /the VM is stopped\n.*vm resume 193/)
    assert.equal(await vm('resume', '193'), 'vm-193 running\n')
    await until(3)
  })
  test('isolates and heals a VM', async () => {
    await vm('isolate', '195')
    await until(2)
    await vm('heal', '195')
    await until(3)
  })
  test('isolates a VM from one other', async () => {
    const answers = (to: string) => runCli(['cluster', 'exec', '193', '--', 'ping', '-c1', '-W1', `192.168.1.${to}`])
    const cut = await runCli(['vm', 'isolate', '193', '--from', '194'])
    assert.equal(cut.exitCode, 0, shown(cut))
    assert.equal((await answers('194')).exitCode, 1)
    assert.equal((await answers('195')).exitCode, 0)
    await vm('heal', '193')
    assert.equal((await answers('194')).exitCode, 0)
    await until(3)
  })
  test('powers a VM off and boots it on its disk', async () => {
    const written = await runCli(['cluster', 'exec', '193', '--', 'sh', '-c', 'echo kept >/root/note && sync'])
    assert.equal(written.exitCode, 0, shown(written))
    assert.equal(await vm('power-off', '193'), 'vm-193 off\n')
    await until(2)
    assert.equal(await vm('boot', '193'), 'vm-193 running\n')
    await until(3)
    assert.equal((await runCli(['cluster', 'exec', '193', '--', 'cat', '/root/note'])).stdout, 'kept\n')
  })
  test('restarts a service that was killed', async () => {
    const pid = async () => (await runCli(['cluster', 'exec', '193', '--', 'cat', '/run/etcd.pid'])).stdout
    const killed = await pid()
    await runCli(['cluster', 'exec', '193', '--', 'kill', '-KILL', killed.trim()])
    await until(3)
    assert.notEqual(await pid(), killed)
  })
  test('shows the logs of a VM', async () => {
    assert.match((await runCli(['cluster', 'logs', '193'])).stdout, /^etcd$/m)
    assert.match((await runCli(['cluster', 'logs', 'vm-193', 'etcd'])).stdout, /starting etcd server/)
  })
  test('passes on the exit code and the arguments of a program', async () => {
    const run = await runCli(['cluster', 'exec', '193', '--', 'sh', '-c', 'echo "$1"; exit 7', 'sh', "it's  one word"])
    assert.equal(run.exitCode, 7)
    assert.equal(run.stdout, "it's  one word\n")
  })
})

test('Ctrl-C while a cluster runs removes it', async () => {
  const earlier = machineState()
  const run = new StartedCli(['flow', 'etcd-vm-reboot'])
  await run.says(/● etcd-vm-reboot/)
  run.child.kill('SIGINT')
  assert.equal(await run.ended, 130, run.text)
  assert.match(run.text, /✓ stop-etcd/)
  assert.deepEqual(leftBehind(earlier, machineState()), [])
})
