/** `flow verify`: the healthy cluster passes every scenario, in every family and both topologies. */
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

const some = ['lb-owner-stop', 'control-plane-stop', 'etcd-leader-pause']
const dual = ['verify-dual', '--set', 'topology=stacked', '--set', 'masters=1-3', '--set', 'profile=fast']

const clusters: readonly (readonly [name: string, argv: readonly string[], scenarios: readonly string[]])[] = [
  ['IPv4', ['verify-ipv4'], scenarios],
  ['IPv6', ['verify-ipv6'], scenarios],
  // Of each tier one: those of verify take their time.
  ['both families, stacked, with fast timers', [...dual, ...some.flatMap(name => ['--only', `verify[${name}]`])], some],
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
