/** What a user sets for a cluster reaches every cluster of every workflow, or is fixed there on purpose. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { listWorkflows, loadWorkflow } from '../../src/engine/load/load-workflow.ts'
import { selectTasks } from '../../src/engine/workflow/select-tasks.ts'
import type { Task, Workflow } from '../../src/engine/workflow/workflow.ts'
import { type PlannedCluster, plannedCluster } from '../../tasks/cluster/planned-cluster.ts'
import { taskTypes } from '../../tasks/registry.ts'
import { projectDir, unwrap } from './sample.ts'

const cacheDir = mkdtempSync(join(tmpdir(), 'k8s-ha-params-'))
after(() => rmSync(cacheDir, { recursive: true, force: true }))

const load = async (name: string, set: Readonly<Record<string, string>> = {}): Promise<Workflow> =>
  unwrap(
    await loadWorkflow({ projectDir, cacheDir, set: new Map(Object.entries(set)), environment: {}, taskTypes }, name),
  )

/** Values of which at least one makes another cluster than the default does, in any family. */
const others: Readonly<Record<string, readonly string[]>> = {
  family: ['IPv6', 'dual'],
  etcd_family: ['IPv4', 'IPv6'],
  topology: ['stacked'],
  etcd_vms: ['193'],
  lb_vms: ['191'],
  masters: ['1'],
  nvm: ['5'],
  nrouters: ['2'],
  ntesters: ['1'],
  prefix: ['fd01::'],
  domain: ['example.org'],
  // With more VMs than that the cluster is refused.
  last_node: ['2'],
  lb_ip: ['192.168.1.77', 'fd00::77', '192.168.1.77 fd00::77'],
  k8s_disable: ['true'],
  etcd_disk: ['256'],
  preempt: ['false'],
  profile: ['fast'],
  cni: ['ptp', './my-cni'],
  kube_proxy: ['nftables'],
  node_api: ['local'],
  kubernetes: ['1.99.0'],
  keepalived: ['none'],
}

/** By cluster: what is the same whatever is set, because the cluster is about something else. */
const fixed: Readonly<Record<string, readonly string[]>> = {
  // The etcd VMs only.
  etcd: ['lb_vms', 'masters', 'nvm', 'nrouters', 'ntesters'],
  // Three etcd VMs with small disks.
  'etcd-disk': [
    ...['topology', 'etcd_vms', 'lb_vms', 'masters', 'nvm', 'nrouters', 'ntesters', 'last_node', 'lb_ip'],
    ...['k8s_disable', 'etcd_disk', 'preempt', 'cni', 'kube_proxy', 'node_api', 'kubernetes', 'keepalived'],
  ],
}

const starts = ({ tasks }: Workflow): readonly Task[] =>
  tasks.filter(({ action }) => action.kind === 'uses' && action.type === 'start-cluster')

const clusterOf = ({ action }: Task): string => (action.kind === 'uses' ? String(action.with.cluster) : '')

/** What a task will start, as far as it is known before. */
function planOf(workflow: Workflow, start: Task): PlannedCluster | undefined {
  const planned = selectTasks(workflow, [start.name]).map(({ name, action, needs, outputs }) => {
    const uses = action.kind === 'uses' ? action : undefined
    return { name, type: uses?.type, with: uses?.with, needs, outputs }
  })
  return plannedCluster(clusterOf(start), planned)
}

/** They choose what its VMs run, not what it is. */
const notOfTheCluster = ['defect', 'images', 'etcd', 'etcd_url', 'kubernetes_url']

test('every parameter of a cluster is looked at', async () => {
  const { params } = await load('overlay')
  const known = params.map(({ name }) => name).filter(name => !notOfTheCluster.includes(name))
  assert.deepEqual(known.sort(), Object.keys(others).sort())
})

for (const { name: flow } of (await listWorkflows({ projectDir })).workflows) {
  const workflow = await load(flow)
  if (starts(workflow).length === 0) continue
  // A flow that allows one value only is about that value.
  const allowing = workflow.params.filter(param => param.name in others && param.enum?.length !== 1)
  for (const { name: param, value } of allowing)
    test(`--set ${param} reaches the clusters of ${flow}`, async () => {
      const plans = (of: Workflow) => starts(workflow).map(start => [start.name, planOf(of, start)] as const)
      const changed = await Promise.all(
        (others[param] ?? []).filter(other => other !== value).map(other => load(flow, { [param]: other })),
      )
      for (const [name, plan] of plans(workflow)) {
        const start = starts(workflow).find(one => one.name === name) ?? assert.fail()
        assert.ok(plan, `${name} starts a cluster that is not known beforehand`)
        const isFixed = fixed[clusterOf(start)]?.includes(param) || (param === 'kubernetes' && !plan.spec.kubernetes)
        const reached = changed.some(other => JSON.stringify(planOf(other, start)) !== JSON.stringify(plan))
        assert.equal(reached, !isFixed, name)
      }
    })
}

test('--set etcd reaches every cluster that is started', async () => {
  for (const { name: flow } of (await listWorkflows({ projectDir })).workflows) {
    const workflow = await load(flow)
    for (const start of starts(workflow)) {
      const uses = selectTasks(workflow, [start.name]).flatMap(task => Object.keys(task.uses))
      assert.ok(uses.includes('params.etcd'), `${flow}: ${start.name}`)
      assert.ok(start.action.kind === 'uses' && JSON.stringify(start.action.with.layers).includes('"etcd"'), start.name)
    }
  }
})

test('--set images reaches the nodes of every cluster', async () => {
  for (const { name: flow } of (await listWorkflows({ projectDir })).workflows) {
    const workflow = await load(flow)
    for (const start of starts(workflow)) {
      if (!start.needs.includes('kubernetes')) continue
      assert.ok(start.needs.includes('node-files'), `${flow}: ${start.name}`)
      assert.ok(start.action.kind === 'uses' && JSON.stringify(start.action.with.layers).includes('"node-files"'))
    }
  }
})

test('a parameter with one value only reaches the clusters, too', async () => {
  for (const flow of ['start', 'test', 'verify', 'verify-defects']) {
    const workflow = await load(flow)
    for (const start of starts(workflow)) {
      const uses = selectTasks(workflow, [start.name]).flatMap(task => Object.keys(task.uses))
      assert.ok(uses.includes('params.cni'), start.name)
    }
  }
})

test('from, to and etcd_to reach the clusters with two versions', async () => {
  const version = '1.36.99'
  const layers = {
    upgrade: ['from', 'to', 'etcd_to'],
    'mixed-versions': ['from', 'to'],
    'old-kubelets': ['from', 'to'],
  }
  for (const [flow, names] of Object.entries(layers)) {
    const [start] = starts(await load(flow))
    assert.ok(start)
    const uses = selectTasks(await load(flow), [start.name]).flatMap(task => Object.keys(task.uses))
    for (const name of names) assert.ok(uses.includes(`params.${name}`), `${flow}: ${name}`)
    const plan = planOf(await load(flow, { to: version }), start)
    const { kubernetes, other } = plan?.spec ?? {}
    assert.ok([kubernetes, other?.kubernetes].includes(version), flow)
  }
})
