/** `flow verify`: the healthy cluster passes every scenario over IPv6, and elsewhere those that differ by family or topology. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { leftBehind, machineState } from './support/machine-state.ts'
import { checkout, runCli, shown } from './support/run-cli.ts'
import { assertPassed } from './support/verdicts.ts'

const workflow = parse(readFileSync(join(checkout, 'workflows/verify.yaml'), 'utf8'))
const scenarios: readonly string[] = workflow.tasks.verify.matrix.scenario

const only = (flow: string, names: readonly string[]) => [flow, ...names.flatMap(name => ['--only', `verify[${name}]`])]

/** What differs by family: how the VIP moves, and how clients learn of it. */
const vip = ['lb-owner-stop', 'lb-owner-reset', 'keepalived-term']
/** Of each tier one. */
const tiers = ['lb-owner-stop', 'control-plane-stop', 'etcd-leader-pause']
const stacked = ['topology=stacked', 'masters=1-3', 'profile=fast'].flatMap(one => ['--set', one])

const clusters: readonly (readonly [name: string, argv: readonly string[], scenarios: readonly string[]])[] = [
  ['IPv6', ['verify-ipv6'], scenarios],
  ['IPv4', only('verify-ipv4', vip), vip],
  ['both families, stacked, with fast timers', [...only('verify-dual', tiers), ...stacked], tiers],
]

for (const [name, argv, wanted] of clusters)
  test(`verify passes over ${name}, prints the table, and leaves nothing behind`, async context => {
    const before = machineState()
    const run = await runCli(['flow', ...argv, '--keep-going'])
    await assertPassed(context, run, wanted)
    const table = run.stdout.slice(run.stdout.search(/^scenario +verdict/m))
    for (const scenario of wanted) assert.match(table, new RegExp(`^${scenario} +(passed|FAILED) `, 'm'), shown(run))
    assert.deepEqual(leftBehind(before, machineState()), [])
  })
