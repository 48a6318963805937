/** What becomes of a cluster that a scenario left unwell, before the next scenario: no scenario fails for another's doing. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { timersOf } from '../../src/cluster/timers.ts'
import { bootAll } from '../../src/lifecycle/boot-cluster.ts'
import { keepStart } from '../../src/lifecycle/start-facts.ts'
import { readUnwellNote, writeUnwellNote } from '../../src/lifecycle/unwell-note.ts'
import { usableCluster } from '../../src/lifecycle/usable-cluster.ts'
import { monotonicMs } from '../../src/platform/clock.ts'
import { fail } from '../../src/platform/result.ts'
import { unwrap } from '../cluster-data/sample.ts'
import { makeProject } from './fixture.ts'

const health = (isHealthy: boolean) =>
  JSON.stringify(
    [193, 194, 195].map(id => ({ endpoint: `https://192.168.1.${id}:2379`, health: isHealthy, took: '1ms' })),
  )

const members = JSON.stringify({
  members: [193, 194, 195].map(id => ({
    peerURLs: [`https://192.168.1.${id}:2380`],
    clientURLs: [`https://192.168.1.${id}:2379`],
  })),
})

/** Three etcd VMs after a scenario; they are healthy again after so many boots in all. */
async function after(context: TestContext, { healthyAfter = 0, note = {}, start = true } = {}) {
  const { driver, wanted, around, projectDir, lines } = makeProject(context)
  let boots = 0
  driver.onBoot = () => {
    boots++
    return { ok: true, value: undefined }
  }
  driver.programs.set('etcdctl', ({ argv }) => ({
    stdout: argv.includes('list') ? members : health(boots >= healthyAfter),
  }))
  driver.programs.set('fping', () => ({}))
  const want = wanted()
  const { cluster } = unwrap(await bootAll(want, '', around()))
  const { name, spec, descriptionFile, layers, base, stateDir } = want
  const steps = [{ kind: 'check' as const, check: 'etcd-healthy', options: { away: 0 } }]
  if (start) keepStart(stateDir, { name, spec, descriptionFile, layers, base, steps, stays: false })
  const unwell = { since: 'etcd-reset-all', problems: ['1 of 3 healthy'], bootedAnew: false, givenUp: false, ...note }
  writeUnwellNote(stateDir, unwell)
  const logDir = join(projectDir, 'logs')
  const ending = new AbortController()
  const use = async () => {
    const found = await driver.find(stateDir)
    assert.ok(found)
    const { log, settings } = around()
    const timers = timersOf('default', { preempt: true })
    const how = { driver, cluster: found, timers, settings, logDir, signal: ending.signal, log, tell: () => {} }
    return usableCluster(how)
  }
  return { driver, cluster, stateDir, logDir, use, lines, ending, bootsSoFar: () => boots }
}

test('a cluster that no scenario left unwell is used as it is, without a look at it', async context => {
  const { use, cluster, stateDir, driver } = await after(context)
  writeUnwellNote(stateDir, { problems: [], bootedAnew: false, givenUp: false })
  driver.programs.set('etcdctl', () => assert.fail('it was looked at'))
  assert.deepEqual(await use(), { kind: 'usable', cluster })
})

test('one that is not well is healed, and that is enough when it is well then', async context => {
  const { use, cluster, stateDir, lines, bootsSoFar } = await after(context)
  await cluster.vms[0]?.stop()
  assert.deepEqual(await use(), { kind: 'usable', cluster })
  assert.equal(await cluster.vms[0]?.state(), 'running')
  assert.equal(readUnwellNote(stateDir).since, undefined)
  assert.equal(bootsSoFar(), 3)
  assert.match(lines.join('\n'), /not well since the scenario "etcd-reset-all" \(1 of 3 healthy\): it is healed first/)
})

test('where healing does not help all VMs boot anew, with the steps that make it ready, and their logs are kept', async context => {
  const { use, cluster, stateDir, logDir, bootsSoFar } = await after(context, { healthyAfter: 6 })
  await cluster.vms[0]?.exec(['true'], { timeoutMs: 0 })
  const [vm] = cluster.vms
  if (vm && 'append' in vm.logs && typeof vm.logs.append === 'function') vm.logs.append('etcd', 'it ended\n')
  const used = await use()
  assert.ok(used.kind === 'usable' && used.cluster !== cluster)
  assert.equal(bootsSoFar(), 6)
  assert.deepEqual(readUnwellNote(stateDir), { problems: [], bootedAnew: true, givenUp: false })
  assert.ok(existsSync(join(logDir, 'before/vm-193/etcd.log')))
})

test('it is booted anew once: the next time it is given up, and no scenario waits for it again', async context => {
  const { use, stateDir, bootsSoFar } = await after(context, { healthyAfter: 99, note: { bootedAnew: true } })
  const used = await use()
  assert.equal(used.kind, 'given-up')
  assert.match(
    used.kind === 'given-up' ? used.because : '',
    /since the scenario "etcd-reset-all".*booted anew once already/,
  )
  assert.equal(readUnwellNote(stateDir).givenUp, true)
  const before = monotonicMs()
  assert.equal((await use()).kind, 'given-up')
  assert.equal(monotonicMs(), before)
  assert.equal(bootsSoFar(), 3)
})

test('one that does not become ready after it booted anew is given up', async context => {
  const { use } = await after(context, { healthyAfter: 99 })
  const used = await use()
  assert.match(used.kind === 'given-up' ? used.because : '', /cannot be booted anew: .*etcd members are healthy/)
})

test('one that cannot be booted anew is given up, with the reason', async context => {
  const broken = await after(context, { healthyAfter: 99 })
  broken.driver.onBoot = () => fail({ kind: 'failed', message: 'Cannot boot "vm-193": no room' })
  const used = await broken.use()
  assert.match(used.kind === 'given-up' ? used.because : '', /cannot be booted anew: Cannot boot "vm-193": no room/)
  const old = await after(context, { healthyAfter: 99, start: false })
  const unknown = await old.use()
  assert.match(unknown.kind === 'given-up' ? unknown.because : '', /nothing says what it was started from/)
})

test('who interrupts gives nothing up', async context => {
  const { use, stateDir, ending } = await after(context, { healthyAfter: 99 })
  ending.abort()
  assert.equal((await use()).kind, 'given-up')
  assert.equal(readUnwellNote(stateDir).givenUp, false)
})
