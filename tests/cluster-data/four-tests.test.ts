/** How the four tests share clusters and cores: what runs beside what, and what each of them starts alone. */
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { unknown } from 'valibot'
import { listWorkflows, loadWorkflow } from '../../src/engine/load/load-workflow.ts'
import { selectTasks } from '../../src/engine/workflow/select-tasks.ts'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import type { Task, TaskTypeRegistry } from '../../src/engine/workflow/workflow.ts'
import { failed } from '../../src/platform/failure.ts'
import { fail, ok } from '../../src/platform/result.ts'
import { taskTypes } from '../../tasks/registry.ts'
import { TestProject } from '../engine/project.ts'
import { projectDir, unwrap } from './sample.ts'

const onKubernetes = ['etcd-k8s-reboot', 'master-reboot', 'lb-reboot']

type Run = (context: TaskContext<unknown>) => Promise<'failed' | undefined>

/** Task types that make their outputs and do nothing else but what the test wants. */
const fakes = (run: Run): TaskTypeRegistry =>
  Object.fromEntries(
    Object.keys(taskTypes).map(name => {
      const type = {
        ...{ name, description: name, schema: unknown() },
        async run(context: TaskContext<unknown>) {
          for (const output of context.outputs) {
            mkdirSync(dirname(output), { recursive: true })
            writeFileSync(output, '{}')
          }
          return (await run(context)) === 'failed' ? fail(failed(`${context.task} was to fail`)) : ok(undefined)
        },
      }
      return [name, async () => ({ default: type })]
    }),
  )

/** What ran, in its order. */
async function runTest(run: Run = async () => undefined, options: object = {}) {
  using project = new TestProject()
  for (const part of ['workflows', 'overlay', 'patches'])
    cpSync(`${projectDir}/${part}`, project.path(part), { recursive: true })
  const began: string[] = []
  const types = fakes(context => {
    began.push(context.task)
    return run(context)
  })
  const codeDigests = Object.fromEntries(Object.keys(types).map(name => [name, 'any']))
  const ran = await project.run({ workflow: 'test', taskTypes: types, codeDigests, concurrency: 2, ...options })
  return { ...ran, began }
}

test('the three tests with Kubernetes run on one cluster, started and stopped once', async () => {
  const { began, summary } = await runTest()
  assert.equal(summary.status, 'passed')
  assert.deepEqual(began.filter(task => /^(start|stop)-/.test(task)).sort(), [
    'start-cluster',
    'start-etcd',
    'stop-cluster',
    'stop-etcd',
  ])
  const [from, to] = [began.indexOf('start-cluster'), began.indexOf('stop-cluster')]
  for (const task of onKubernetes) assert.ok(from < began.indexOf(task) && began.indexOf(task) < to, began.join(' '))
})

test('one that fails does not keep the others from running on that cluster, with --keep-going', async () => {
  const run: Run = async ({ task }) => (task === 'etcd-k8s-reboot' ? 'failed' : undefined)
  const { status } = await runTest(run, { keepGoing: true })
  assert.deepEqual(
    [...onKubernetes, 'stop-cluster'].map(task => status[task]),
    [...['failed', 'executed', 'executed', 'executed']],
  )
})

test('on two cores etcd-vm-reboot may run beside etcd-k8s-reboot', async () => {
  const other = Promise.withResolvers<void>()
  const { summary } = await runTest(async ({ task }) => {
    if (task === 'etcd-vm-reboot') other.resolve()
    // Alone it would never end.
    if (task === 'etcd-k8s-reboot') await other.promise
    return undefined
  })
  assert.equal(summary.status, 'passed')
})

test('on two cores nothing is judged while the large cluster boots, nor beside what a busy machine would fail', async () => {
  const cores = 2
  const { tasks } = await load('test')
  const claimOf = (name: string) => tasks.find(task => task.name === name)?.resources ?? assert.fail(name)
  for (const name of ['start-cluster', 'master-reboot', 'lb-reboot']) assert.equal(claimOf(name).cpu, cores, name)
  for (const name of ['etcd-vm-reboot', 'etcd-k8s-reboot']) assert.equal(claimOf(name).cpu, 1, name)
  // On larger machines, too, one at a time.
  for (const name of onKubernetes) assert.equal(claimOf(name)['ha-cluster'], 1, name)
})

const load = async (name: string) =>
  unwrap(await loadWorkflow({ projectDir, cacheDir: '/nonexistent', environment: {}, taskTypes }, name))

const clusterTasks = (tasks: readonly Task[]): readonly string[] =>
  tasks
    .filter(({ action }) => action.kind === 'uses' && /cluster$|scenario$/.test(action.type))
    .map(({ name }) => name)
    .sort()

test('each of the four alone starts what it needs and nothing else', async () => {
  const known = (await listWorkflows({ projectDir })).workflows.map(({ name }) => name)
  for (const name of [...onKubernetes, 'etcd-vm-reboot']) {
    assert.ok(known.includes(name))
    const workflow = await load(name)
    const cluster = name === 'etcd-vm-reboot' ? 'etcd' : 'cluster'
    assert.deepEqual(
      clusterTasks(selectTasks(workflow, workflow.targets)),
      [name, `start-${cluster}`, `stop-${cluster}`].sort(),
    )
  }
})
