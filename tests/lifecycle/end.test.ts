/** How clusters end: retired with their logs, kept, or swept up after their runs are gone. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readState, writeState } from '../../src/drivers/cluster-state.ts'
import { bootAll } from '../../src/lifecycle/boot-cluster.ts'
import { keepClusters } from '../../src/lifecycle/keep-clusters.ts'
import { retireCluster } from '../../src/lifecycle/retire-cluster.ts'
import { sweepClusters } from '../../src/lifecycle/sweep-clusters.ts'
import { ok } from '../../src/platform/result.ts'
import { unwrap } from '../cluster-data/sample.ts'
import { makeProject } from './fixture.ts'

async function booted(context: TestContext) {
  const project = makeProject(context)
  const { cluster } = unwrap(await bootAll(project.wanted(), '', project.around()))
  const found = await project.driver.find(cluster.stateDir)
  assert.ok(found)
  return { ...project, cluster: found, logDir: join(project.projectDir, 'logs') }
}

/** Its owner is gone, as after kill -9. */
function orphan(stateDir: string): void {
  const state = readState(stateDir)
  assert.ok(state)
  writeState(stateDir, { ...state, owner: { ...state.owner, startTicks: -1 } })
}

test('a retired cluster is gone, and the logs of its VMs are kept, also of those that are off', async context => {
  const { driver, cluster, logDir } = await booted(context)
  const [one, two] = cluster.vms
  one?.logs.append('etcd', 'it ran\n')
  two?.logs.append('etcd', 'it ended\n')
  await two?.powerOff()
  assert.deepEqual(unwrap(await retireCluster(driver, cluster.stateDir, logDir)), ['vm-193', 'vm-194'])
  assert.equal(readFileSync(join(logDir, 'vm-194/etcd.log'), 'utf8'), 'it ended\n')
  assert.equal(existsSync(join(logDir, 'vm-195')), false)
  assert.equal(existsSync(cluster.stateDir), false)
  assert.equal(await driver.find(cluster.stateDir), undefined)
})

test('a cluster that is half made, or does not run any more, is retired as well', async context => {
  const { driver, cluster, logDir } = await booted(context)
  cluster.vms[0]?.logs.append('boot', 'it began\n')
  cluster.isGone = true
  assert.deepEqual(unwrap(await retireCluster(driver, cluster.stateDir, logDir)), ['vm-193'])
  assert.equal(existsSync(cluster.stateDir), false)
})

test('a cluster goes also when its logs cannot be kept, which is told', async context => {
  const { driver, cluster, logDir } = await booted(context)
  cluster.vms[0]?.logs.append('etcd', 'it ran\n')
  writeFileSync(logDir, 'a file where a folder should be')
  const retired = await retireCluster(driver, cluster.stateDir, logDir)
  assert.match(retired.ok ? '' : retired.failure.message, /^Cannot keep the VMs' logs; the cluster itself was removed$/)
  assert.equal(existsSync(cluster.stateDir), false)
})

test('what is retired twice is nothing the second time', async context => {
  const { driver, cluster, logDir } = await booted(context)
  unwrap(await retireCluster(driver, cluster.stateDir, logDir))
  assert.deepEqual(unwrap(await retireCluster(driver, cluster.stateDir, logDir)), [])
})

test('a run keeps the clusters that it made, and no others', async context => {
  const { driver, projectDir, cluster } = await booted(context)
  const other = { name: 'other', spec: cluster.spec, layers: [], stateDir: `${cluster.stateDir}-other` }
  unwrap(await driver.create(other, new AbortController().signal))
  const state = readState(other.stateDir)
  assert.ok(state)
  writeState(other.stateDir, { ...state, owner: { ...state.owner, pid: 1 } })
  assert.deepEqual(await keepClusters(driver, projectDir), ['mine'])
  assert.deepEqual([readState(cluster.stateDir)?.kept, readState(other.stateDir)?.kept], [true, false])
})

test('clusters of runs that are gone are swept up and named, those of others stay', async context => {
  const { driver, projectDir, cluster } = await booted(context)
  const names = ['gone', 'kept']
  for (const name of names) {
    const stateDir = join(cluster.stateDir, '..', name)
    const made = unwrap(
      await driver.create({ name, spec: cluster.spec, layers: [], stateDir }, new AbortController().signal),
    )
    if (name === 'kept') made.keep()
    orphan(stateDir)
  }
  const warnings: string[] = []
  await sweepClusters(
    projectDir,
    async () => ok(driver),
    text => warnings.push(text),
  )
  assert.deepEqual(warnings, ['Removed cluster "gone", which a killed run had left'])
  assert.deepEqual(
    ['mine', 'gone', 'kept'].map(name => existsSync(join(cluster.stateDir, '..', name))),
    [true, false, true],
  )
})

test('a folder without a state that can be read is a remain', async context => {
  const { driver, projectDir, cluster } = await booted(context)
  const broken = join(cluster.stateDir, '..', 'broken')
  mkdirSync(broken)
  writeFileSync(join(broken, 'cluster.json'), '{"name":')
  await sweepClusters(
    projectDir,
    async () => ok(driver),
    () => {},
  )
  assert.equal(existsSync(broken), false)
})

test('where nothing was left no driver is even loaded', async context => {
  const { projectDir } = makeProject(context)
  const load = () => assert.fail('nothing is to be looked at')
  await sweepClusters(projectDir, load, load)
  mkdirSync(join(projectDir, 'cache/clusters'), { recursive: true })
  await sweepClusters(projectDir, load, load)
})
