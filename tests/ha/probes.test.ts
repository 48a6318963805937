/** The program that probes: what it is told of the cluster, when it is settled, and what is made of what it tells. */
import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { AgentEvent } from '../../src/ha/probes/agent/protocol.ts'
import { agentConfig } from '../../src/ha/probes/agent-config.ts'
import { describeProbe, probeNames } from '../../src/ha/probes/probe-names.ts'
import { startProbes } from '../../src/ha/probes/probes.ts'
import { liveBy } from '../../src/platform/clock.ts'
import { ok } from '../../src/platform/result.ts'
import { unwrap } from '../cluster-data/sample.ts'
import { keys, World } from './world/world.ts'

const etcdOnly = { k8sDisable: true, nvm: 0, masters: '', lbVms: '', nrouters: 0 }

const configured = async (world: World) => {
  const config = await agentConfig({
    cluster: world.cluster,
    names: probeNames,
    signal: world.signal,
    clientTimeoutMs: 1000,
  })
  return config.ok ? config.value : assert.fail(`${config.failure.message}: ${config.failure.last ?? ''}`)
}

test('probes are told where etcd and the API are, and with which keys', async context => {
  const config = await configured(await World.make(context))
  assert.deepEqual(
    config.etcd.members.map(({ vm, host, port }) => `${vm} ${host}:${port}`),
    ['vm-193 192.168.1.193:2379', 'vm-194 192.168.1.194:2379', 'vm-195 192.168.1.195:2379'],
  )
  assert.deepEqual([config.api?.host, config.api?.port], ['192.168.1.200', 6443])
  assert.equal(config.clientTimeoutMs, 1000)
  const { members: _, ...etcd } = config.etcd
  assert.deepEqual(etcd, keys.etcd)
  assert.deepEqual([config.api?.ca, config.api?.cert, config.api?.key], Object.values(keys.admin))
})

test('only what the cluster has is probed', async context => {
  const all = await configured(await World.make(context))
  assert.deepEqual(
    probeNames.filter(name => !all.probes.includes(name)),
    ['app', 'etcd-write', 'vip'],
  )
  const etcd = await configured(await World.make(context, etcdOnly))
  assert.deepEqual([...etcd.probes].sort(), ['etcd-linearizable', 'etcd-serializable', 'etcd-write', 'raft'])
  assert.equal(etcd.api, undefined)
})

test('the test application is probed on each worker, once it is deployed', async context => {
  const world = await World.make(context)
  world.answer('curl', { stdout: JSON.stringify({ spec: { ports: [{ nodePort: 30080 }] } }) })
  const { app, probes } = await configured(world)
  assert.deepEqual(
    app.map(({ vm, port }) => [vm, port]),
    [
      ['vm-003', 30080],
      ['vm-004', 30080],
    ],
  )
  assert.ok(probes.includes('app'))
})

test('reports say how long clients waited', () => {
  assert.match(describeProbe('api-read', 250), /a new connection each, 250 ms time-out$/)
  assert.match(describeProbe('api-write', 1000), /a new connection each, 1000 ms time-out$/)
  assert.match(describeProbe('etcd-linearizable', 1000), /250 ms time-out$/)
})

test('without keys, or without a VM that runs, nothing can be probed', async context => {
  const world = await World.make(context, etcdOnly)
  const refused = async () => {
    const config = await agentConfig({
      cluster: world.cluster,
      names: probeNames,
      signal: world.signal,
      clientTimeoutMs: 1000,
    })
    return config.ok ? 'ok' : `${config.failure.message}: ${config.failure.last ?? ''}`
  }
  const file = join(world.stateDir, 'client-keys.json')
  rmSync(file)
  assert.equal(await refused(), `Cannot ask cluster "world": its keys are not in "${file}": `)
  for (const vm of world.cluster.vms) await vm.powerOff()
  assert.equal(await refused(), 'Cannot probe the cluster: no VM is running: ')
})

const request = (probe: string, more: object = {}): AgentEvent => ({ type: 'request', probe, at: 1, ms: 2, ...more })
const members = ['vm-193', 'vm-194', 'vm-195']
const settling: readonly AgentEvent[] = [
  request('etcd-write', { register: 1, value: 1, revision: 7 }),
  ...members.map(vm => request('etcd-linearizable', { vm })),
]
const cost: AgentEvent = { type: 'cost', cpuMs: 80, wallMs: 1_000 }

/** Probes whose program is a script: it tells these events, then what is left when it is told to finish. */
async function probing(
  context: TestContext,
  first: readonly AgentEvent[],
  { last = [cost], history }: { readonly last?: readonly AgentEvent[]; readonly history?: string } = {},
) {
  const world = await World.make(context, etcdOnly)
  // A real process takes real time.
  liveBy()
  const lines = (events: readonly AgentEvent[]) => events.map(event => JSON.stringify(event))
  const script = 'read config; printf "%s\\n" "$1"; [ -n "$2" ] || exit; read finish; printf "%s\\n" "$2"'
  const agent = ['sh', '-c', script, 'sh', lines(first).join('\n'), lines(last).join('\n')]
  world.cluster.client = { ...world.cluster.client, commandLine: () => ok(agent) }
  const historyFile = history ?? join(dirname(world.stateDir), 'history.ndjson')
  const names = ['etcd-write', 'etcd-linearizable'] as const
  const { cluster, signal } = world
  const probes = unwrap(
    await startProbes({ cluster, names, historyFile, signal, clientTimeoutMs: 250, onVipChange: () => {} }),
  )
  context.after(() => probes.abandon())
  return { probes, historyFile }
}

test('probes are settled when each has succeeded, and end with what they saw', async context => {
  const { probes, historyFile } = await probing(context, settling)
  unwrap(await probes.settled(10_000))
  assert.deepEqual(probes.writes?.(0), { tried: 1, acknowledged: 1 })
  assert.deepEqual(probes.writes?.(2), { tried: 0, acknowledged: 0 })
  const found = unwrap(await probes.stop(0, []))
  assert.equal(found.acknowledgedWrites, 1)
  assert.equal(found.probeCost?.coreShare, 0.08)
  assert.deepEqual(
    found.hashes.map(({ vm, revision }) => [vm, revision]),
    members.map(vm => [vm, 500]),
  )
  const types = readFileSync(historyFile, 'utf8')
    .trim()
    .split('\n')
    .map(line => (JSON.parse(line) as AgentEvent).type)
  assert.deepEqual(types, ['request', 'request', 'request', 'request', 'cost'])
})

test('where what they see cannot be kept, the scenario is not judged by it', async context => {
  const { probes } = await probing(context, settling, { history: '/dev/full' })
  unwrap(await probes.settled(10_000))
  const found = await probes.stop(0, [])
  assert.equal(found.ok ? '' : found.failure.message, 'Cannot keep what the probes saw: the disk is full')
})

test('those that never succeeded are named, with what they saw', async context => {
  const events = [...settling.slice(0, 3), request('etcd-linearizable', { vm: 'vm-195', error: 'ECONNREFUSED' })]
  const { probes } = await probing(context, events)
  const settled = await probes.settled(1_000)
  assert.match(
    settled.ok ? '' : settled.failure.message,
    /^Cannot probe the cluster: not every probe succeeded within 1 s/,
  )
  assert.equal(settled.ok ? '' : settled.failure.last, 'etcd-linearizable vm-195: ECONNREFUSED')
})

test('a program that ends by itself is told at once, and its findings count for nothing', async context => {
  const { probes, historyFile } = await probing(context, settling.slice(0, 1), { last: [] })
  const settled = await probes.settled(10_000)
  assert.equal(settled.ok ? '' : settled.failure.message, 'Cannot probe the cluster: the probes ended by themselves')
  assert.equal(settled.ok ? '' : settled.failure.log, historyFile)
  const found = await probes.stop(0, [])
  assert.match(found.ok ? '' : found.failure.message, /^Cannot report what the probes saw: they did not end cleanly/)
})
