/** `flow verify`: the healthy cluster passes every scenario over IPv6, and elsewhere those that differ by family or topology, with other CNIs. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parse } from 'yaml'
import { leftBehind, machineState } from './support/machine-state.ts'
import { checkout, runCli, shown } from './support/run-cli.ts'
import { makeSmallCni } from './support/small-cni.ts'
import { assertPassed } from './support/verdicts.ts'

const workflow = parse(readFileSync(join(checkout, 'workflows/verify.yaml'), 'utf8'))
const scenarios: readonly string[] = workflow.tasks.verify.matrix.scenario

/** What differs by family: how the VIP moves, and how clients learn of it. */
const vip = ['lb-owner-stop', 'lb-owner-reset', 'keepalived-term']
/** Of each tier one. */
const tiers = ['lb-owner-stop', 'apiserver-kill', 'etcd-leader-pause']

interface Cluster {
  readonly name: string
  readonly flow: string
  /** Absent: all. */
  readonly only?: readonly string[]
  readonly settings?: readonly string[]
  /** By a cluster whose pods are not connected by bridge, the default. */
  readonly says?: RegExp
}

const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-small-cni-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const podsConnected = /start-verify .* pods-connected 2 /

const clusters: readonly Cluster[] = [
  { name: 'IPv6', flow: 'verify-ipv6' },
  { name: 'IPv4, with ptp', flow: 'verify-ipv4', only: vip, settings: ['cni=ptp'], says: podsConnected },
  {
    name: 'both families, stacked, with fast timers and a CNI that a folder brings',
    flow: 'verify-dual',
    only: tiers,
    settings: ['topology=stacked', 'masters=1-3', 'nvm=5', 'profile=fast', `cni=${folder}`],
    says: podsConnected,
  },
]

before(async () => {
  const made = await runCli(['flow', 'overlay', '--only', 'make-images'])
  assert.equal(made.exitCode, 0, shown(made))
  await makeSmallCni(folder, join(checkout, 'build/container-images'), 'dual')
})

for (const { name, flow, only = [], settings = [], says } of clusters)
  test(`verify passes over ${name}, prints the table, and leaves nothing behind`, async context => {
    const earlier = machineState()
    const chosen = only.flatMap(scenario => ['--only', `verify[${scenario}]`])
    const run = await runCli(['flow', flow, ...chosen, ...settings.flatMap(one => ['--set', one]), '--keep-going'])
    const wanted = only.length > 0 ? only : scenarios
    await assertPassed(context, run, wanted)
    const table = run.stdout.slice(run.stdout.search(/^scenario +verdict/m))
    for (const scenario of wanted) assert.match(table, new RegExp(`^${scenario} +(passed|FAILED) `, 'm'), shown(run))
    if (says) assert.match(run.stderr, says, shown(run))
    assert.deepEqual(leftBehind(earlier, machineState()), [])
  })
