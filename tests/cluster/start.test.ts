/** A started cluster is a Kubernetes that works: pods run, a service answers, routers know the way. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leftBehind, machineState } from './support/machine-state.ts'
import { runCli, shown } from './support/run-cli.ts'

async function kubectl(...argv: readonly string[]): Promise<string> {
  const run = await runCli(['cluster', 'kubectl', ...argv])
  assert.equal(run.exitCode, 0, shown(run))
  return run.stdout
}

test('start gives a working cluster over both families, with a router', async () => {
  const before = machineState()
  const settings = ['family=dual', 'nvm=2', 'masters=1', 'nrouters=1'].flatMap(one => ['--set', one])
  const run = await runCli(['flow', 'start', ...settings])
  try {
    assert.equal(run.exitCode, 0, shown(run))
    await kubectl('apply', '-f', '/etc/k8s-ha/test-app.yaml')
    await kubectl('patch', 'service', 'test-app', '-p', '{"spec":{"ipFamilyPolicy":"RequireDualStack"}}')
    await kubectl('rollout', 'status', 'deployment/test-app', '--timeout=120s')
    const addresses = await kubectl('get', 'service', 'test-app', '-o', 'jsonpath={.spec.clusterIPs[*]}')
    assert.match(addresses, /^[\d.]+ [\da-f:]+$/)
    for (const address of addresses.split(' ')) {
      const url = address.includes(':') ? `http://[${address}]/` : `http://${address}/`
      // kube-proxy follows an address that was just added a moment later.
      const retry = ['--retry', '10', '--retry-delay', '1', '--retry-connrefused']
      const curl = ['curl', '--silent', '--fail', '--max-time', '5', ...retry, url]
      const answer = await runCli(['cluster', 'exec', '2', '--', ...curl])
      assert.match(answer.stdout, /test-app-/, shown(answer))
    }
  } finally {
    const down = await runCli(['cluster', 'down', '--all'])
    assert.equal(down.exitCode, 0, shown(down))
  }
  assert.deepEqual(leftBehind(before, machineState()), [])
})

test('start without Kubernetes gives the etcd tier alone', async () => {
  const before = machineState()
  const run = await runCli(['flow', 'start', '--set', 'k8s_disable=true', '--set', 'nvm=1', '--set', 'masters=1'])
  try {
    assert.equal(run.exitCode, 0, shown(run))
    const processes = await runCli(['cluster', 'exec', '1', '--', 'ps', '-e', '-o', 'comm='])
    assert.doesNotMatch(processes.stdout, /kube|containerd/)
    await runCli(['vm', 'reset', '194'])
    const ping = await runCli(['cluster', 'exec', '193', '--', 'ping', '-c1', '-W1', '192.168.1.250'])
    assert.equal(ping.exitCode, 0, shown(ping))
    const known = await runCli(['cluster', 'exec', '193', '--', 'ip', 'neighbour', 'show', '192.168.1.250'])
    assert.match(known.stdout, / lladdr 00:00:00:01:01:fa /, 'clients stay who they are when a VM is reset')
  } finally {
    await runCli(['cluster', 'down', '--all'])
  }
  assert.deepEqual(leftBehind(before, machineState()), [])
})
