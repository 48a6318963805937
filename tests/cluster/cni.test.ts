/** Clusters whose pods are connected in other ways than by default: they pass scenarios of verify. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { leftBehind, machineState } from './support/machine-state.ts'
import { checkout, runCli, shown } from './support/run-cli.ts'
import { makeSmallCni } from './support/small-cni.ts'
import { assertPassed } from './support/verdicts.ts'

/** Of each tier one. */
const scenarios = ['lb-owner-stop', 'control-plane-stop', 'etcd-leader-pause']

async function passes(context: TestContext, flow: string, cni: string): Promise<void> {
  const before = machineState()
  const only = scenarios.flatMap(name => ['--only', `verify[${name}]`])
  const run = await runCli(['flow', flow, ...only, '--keep-going', '--set', `cni=${cni}`])
  await assertPassed(context, run, scenarios)
  assert.match(run.stderr, /start-verify .* pods-connected 2 /, shown(run))
  assert.deepEqual(leftBehind(before, machineState()), [])
}

test('verify passes with ptp', context => passes(context, 'verify-ipv6', 'ptp'))

test('verify passes with a CNI that a folder brings, over both families', async context => {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-small-cni-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const made = await runCli(['flow', 'overlay', '--only', 'make-images'])
  assert.equal(made.exitCode, 0, shown(made))
  await makeSmallCni(folder, join(checkout, 'build/container-images'), 'dual')
  await passes(context, 'verify-dual', folder)
})
