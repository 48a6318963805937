/** `flow verify`: the healthy cluster passes every scenario, in every family and both topologies. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { leftBehind, machineState } from './support/machine-state.ts'
import { checkout, runCli, shown } from './support/run-cli.ts'

const workflow = parse(readFileSync(join(checkout, 'workflows/verify.yaml'), 'utf8'))
const scenarios: readonly string[] = workflow.tasks.verify.matrix.scenario

const clusters: readonly (readonly [name: string, ...argv: readonly string[]])[] = [
  ['IPv4', 'verify-ipv4'],
  ['IPv6', 'verify-ipv6'],
  [
    'both families, stacked, with fast timers',
    ...['verify-dual', '--set', 'topology=stacked', '--set', 'masters=1-3', '--set', 'profile=fast'],
  ],
]

for (const [name, ...argv] of clusters)
  test(`verify passes over ${name}, prints the table, and leaves nothing behind`, async () => {
    const before = machineState()
    const run = await runCli(['flow', ...argv])
    assert.equal(run.exitCode, 0, shown(run))
    const table = run.stdout.slice(run.stdout.search(/^scenario +verdict/m))
    for (const scenario of scenarios) assert.match(table, new RegExp(`^${scenario} +passed `, 'm'), shown(run))
    assert.deepEqual(leftBehind(before, machineState()), [])
  })
