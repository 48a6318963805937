/** A suite is worth what it rejects: a cluster with a defect fails the matching test, and it says what it saw. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leftBehind, machineState } from './support/machine-state.ts'
import { runCli, shown } from './support/run-cli.ts'

const noAnswer = /Cannot confirm that the API answers in a row.*\n(.*\n)*? +last: +\d answers on vm-003, then: /

/** What a user sees whose change broke something. */
const broken: readonly (readonly [flow: string, defect: string, seen: RegExp])[] = [
  ['master-reboot', 'haproxy-one-apiserver', noAnswer],
  ['lb-reboot', 'keepalived-on-one', noAnswer],
  [
    'etcd-k8s-reboot',
    'apiserver-one-etcd',
    // Which of the two fails first is a matter of which apiserver the load balancers choose.
    /Cannot confirm that (the API answers in a row|every running apiserver is ready).*\n(.*\n)*? +last: +(\d answers on vm-003, then: |.*vm-00\d )/,
  ],
]

for (const [flow, defect, seen] of broken)
  test(`${flow} fails with ${defect}`, async () => {
    const before = machineState()
    const run = await runCli(['flow', flow, '--set', `defect=${defect}`])
    assert.equal(run.exitCode, 1, shown(run))
    assert.match(run.stdout + run.stderr, seen, shown(run))
    assert.deepEqual(leftBehind(before, machineState()), [])
  })

test('the scenarios of verify-defects notice what they are to notice', async () => {
  const before = machineState()
  const tried = [
    'defect[vrrp-ids-differ,soak,one-vip-owner]',
    'defect[etcd-on-tmpfs,etcd-member-resets,etcd-healthy]',
    'defect[scheduler-no-election,scheduler-pause,probes]',
  ]
  const run = await runCli(['flow', 'verify-defects', '--keep-going', ...tried.flatMap(one => ['--only', one])])
  assert.equal(run.exitCode, 0, shown(run))
  assert.equal([...run.stderr.matchAll(/✓ defect\[.* caught by /g)].length, tried.length, shown(run))
  assert.equal([...run.stdout.matchAll(/^\S.* caught /gm)].length, tried.length, shown(run))
  assert.deepEqual(leftBehind(before, machineState()), [])
})
