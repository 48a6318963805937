/** A suite is worth what it rejects: a cluster with a defect fails the matching test, and it says what it saw. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { leftBehind, type MachineState, machineState } from './support/machine-state.ts'
import { OwnProject } from './support/own-project.ts'
import { runCli, shown } from './support/run-cli.ts'

interface Broken {
  readonly flow: string
  readonly defect: string
  /** Checks, and how long they may take here: a whole cluster needs much less, and a broken one all of their minute. */
  readonly within: Readonly<Record<string, number>>
  readonly seen: RegExp
}

const noAnswer = /Cannot confirm that the API answers in a row.*\n(.*\n)*? +last: +\d answers on vm-003, then: /

const broken: readonly Broken[] = [
  { flow: 'lb-reboot', defect: 'keepalived-on-one', within: { 'api-works': 10 }, seen: noAnswer },
  // What lacks redundancy is refused before anything breaks; verify-defects shows that the scenarios notice it as well.
  {
    flow: 'master-reboot',
    defect: 'haproxy-one-apiserver',
    within: {},
    seen: /Cannot confirm that every load balancer.*\n(.*\n)*? +last: +vm-19\d: haproxy has no server that is up for vm-00\d/,
  },
  {
    flow: 'etcd-k8s-reboot',
    defect: 'apiserver-one-etcd',
    within: {},
    seen: /Cannot confirm that every load balancer.*\n(.*\n)*? +last: +vm-00\d: kube-apiserver does not know etcd on vm-19\d/,
  },
]

describe('what a user sees whose change broke something', () => {
  let project: OwnProject
  let earlier: MachineState
  before(() => {
    earlier = machineState()
    project = new OwnProject()
    const everywhere = '- check: redundant-everywhere\n'
    project.edit('workflows/parts/ha-cluster.yaml', everywhere, '- { check: redundant-everywhere, within: 10 }\n')
    for (const { flow, within } of broken)
      for (const [check, seconds] of Object.entries(within))
        project.edit(`workflows/${flow}.yaml`, `- check: ${check}\n`, `- { check: ${check}, within: ${seconds} }\n`)
  })
  after(async () => {
    const down = await runCli(['cluster', 'down', '--all', ...project.options])
    project.remove()
    assert.equal(down.exitCode, 0, shown(down))
    assert.deepEqual(leftBehind(earlier, machineState()), [])
  })

  for (const { flow, defect, seen } of broken)
    test(`${flow} fails with ${defect}`, async () => {
      // Kept: for the next defect, only VMs that are configured otherwise boot anew.
      const run = await runCli(['flow', flow, '--set', `defect=${defect}`, '--keep', ...project.options])
      assert.equal(run.exitCode, 1, shown(run))
      assert.match(run.stdout + run.stderr, seen, shown(run))
    })
})

test('a scenario of verify-defects notices what it is to notice', async () => {
  const before = machineState()
  const tried = ['defect[vrrp-ids-differ,soak,one-vip-owner]']
  const run = await runCli(['flow', 'verify-defects', '--keep-going', ...tried.flatMap(one => ['--only', one])])
  assert.equal(run.exitCode, 0, shown(run))
  assert.equal([...run.stderr.matchAll(/✓ defect\[.* caught by /g)].length, tried.length, shown(run))
  assert.equal([...run.stdout.matchAll(/^\S.* caught /gm)].length, tried.length, shown(run))
  assert.deepEqual(leftBehind(before, machineState()), [])
})
