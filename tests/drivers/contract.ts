/**
 * What every driver must do, whatever its VMs are made of. A suite of tests, to be run on each driver; its VMs need a
 * root with busybox, and an address on the cluster's network: see tiny-root.ts.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import type { Cluster, ClusterPlan, Driver, FaultKind, Layer, Output, Programs, Vm } from '../../src/drivers/driver.ts'
import { monotonicMs } from '../../src/platform/clock.ts'
import { poll } from '../../src/platform/poll.ts'
import type { Result } from '../../src/platform/result.ts'
import { specWith, unwrap } from '../cluster-data/sample.ts'

/** A driver, and what a test must be able to do to its machine. */
export interface Subject {
  readonly driver: Driver
  /** The VMs' root; its file /etc/edition holds that word. */
  layers(edition: string): readonly Layer[]
  /** A process makes the cluster and is killed: while its VMs boot, when they run, or when it has kept it. */
  makeAndDie(plan: ClusterPlan, when: Moment): Promise<void>
  /** What of that cluster is on the machine, but for its state folder. */
  remains(stateDir: string): readonly string[]
}

export type Moment = 'booting' | 'running' | 'kept'

const etcdFolder = '/var/lib/etcd'
const diskMib = 16

/** Three VMs, the first of which has a disk of its own. */
const spec = (() => {
  const whole = specWith({ k8sDisable: true, nvm: 0, masters: '', lbVms: '', nrouters: 0 })
  const disks = [{ folder: etcdFolder, mib: diskMib }]
  return { ...whole, vms: whole.vms.map((vm, index) => (index === 0 ? { ...vm, disks } : vm)) }
})()

export function driverContract({ driver, layers, makeAndDie, remains }: Subject): void {
  describe(`driver ${driver.name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-driver-'))
    const never = new AbortController().signal
    const planOf = (name: string): ClusterPlan => ({
      ...{ name, spec, layers: layers('first') },
      stateDir: join(folder, 'clusters', name),
    })
    const shared = planOf('shared')
    let cluster: Cluster
    let one: Vm
    let two: Vm
    let three: Vm

    before(async () => {
      cluster = unwrap(await driver.create(shared, never))
      const [first, second, third] = cluster.vms
      assert.ok(first && second && third)
      ;[one, two, three] = [first, second, third]
    })
    after(async () => {
      await driver.remove(shared.stateDir)
      rmSync(folder, { recursive: true, force: true })
    })

    test('a cluster has the VMs that were planned, which run and reach each other; so do clients', async () => {
      assert.deepEqual(cluster.spec, spec)
      for (const vm of cluster.vms) assert.equal(await vm.state(), 'running')
      await allReachable()
    })

    test('a cluster is found by its state folder, and only by that', async () => {
      const found = await driver.find(shared.stateDir)
      assert.deepEqual([found?.name, found?.spec], ['shared', spec])
      assert.equal((await run(found?.vms[1] ?? two, 'cat', '/etc/edition')).stdout, 'first\n')
      assert.equal(await driver.find(`${shared.stateDir}-other`), undefined)
    })

    test('what a program prints and its exit code come back, whatever it is', async () => {
      assert.deepEqual(await run(one, 'echo', "it's  one word"), ok("it's  one word\n"))
      const { exitCode, stderr } = await run(one, 'cat', '/no/such/file')
      assert.equal(exitCode, 1)
      assert.match(stderr, /no such file/i)
      assert.equal(unwrap(await one.exec(['no-such-program'], { timeoutMs: 5_000 })).exitCode, 127)
    })

    test('a program reads its input, and what it writes stays', async () => {
      await write(one, '/run/note', 'two\nlines\n')
      assert.equal(await read(one, '/run/note'), 'two\nlines\n')
      assert.equal(await read(two, '/run/note'), undefined)
    })

    test('output is passed on while the program runs, until the caller has enough', async () => {
      await write(one, '/run/note', 'begun\n')
      const enough = new AbortController()
      let text = ''
      const onOutput = (piece: string) => {
        text += piece
        if (text === 'begun\n') enough.abort()
      }
      const { signal } = enough
      const ended = await one.exec(busybox('tail', '-f', '/run/note'), { timeoutMs: 30_000, signal, onOutput })
      assert.equal(kindOf(ended), 'interrupted')
    })

    test('a program that takes too long is ended, and that is a failure', async () => {
      const ended = await one.exec(busybox('sleep', '60'), { timeoutMs: 300 })
      assert.match(messageOf(ended), /still running after 300 ms/)
    })

    test('a stopped VM stands still and is silent, and goes on where it was', async () => {
      const sleeping = one.exec(busybox('sleep', '0.2'), { timeoutMs: 60_000 })
      unwrap(await one.stop())
      assert.equal(await one.state(), 'stopped')
      assert.deepEqual(await reachable(), withoutFirst)
      assert.match(messageOf(await one.exec(busybox('echo'), { timeoutMs: 300 })), /still running after 300 ms/)
      assert.equal(kindOf(await one.boot()), 'usage')
      unwrap(await one.resume())
      assert.equal(await one.state(), 'running')
      assert.equal(unwrap(await sleeping).exitCode, 0)
      await allReachable()
      assert.equal(kindOf(await one.resume()), 'usage')
    })

    for (const from of ['running', 'stopped'] as const)
      test(`a reset of a VM that is ${from} boots it from its disk`, async () => {
        await writeAll(one)
        if (from === 'stopped') unwrap(await one.stop())
        unwrap(await one.reset())
        assert.equal(await one.state(), 'running')
        assert.deepEqual(await readAll(one), { disk: 'kept', root: 'kept', memory: undefined })
        await allReachable()
      })

    test('a VM without power runs nothing, and boots from its disk', async () => {
      await writeAll(one)
      const begun = Promise.withResolvers<void>()
      const onOutput = () => begun.resolve()
      const running = one.exec(busybox('tail', '-f', places.memory), { timeoutMs: 60_000, onOutput })
      await begun.promise
      unwrap(await one.powerOff())
      assert.equal((await running).ok, false)
      assert.equal(await one.state(), 'off')
      assert.equal((await one.exec(busybox('echo'), { timeoutMs: 1_000 })).ok, false)
      assert.equal(one.commandLine(busybox('echo')).ok, false)
      assert.equal(kindOf(await one.stop()), 'usage')
      assert.deepEqual(await reachable(), withoutFirst)
      unwrap(await one.boot())
      assert.equal(await one.state(), 'running')
      assert.deepEqual(await readAll(one), { disk: 'kept', root: 'kept', memory: undefined })
      await allReachable()
    })

    test('a renewed VM has a new root from the latest layers, and its disks; others go on', async () => {
      await writeAll(one)
      unwrap(await cluster.replaceLayers(layers('second')))
      assert.equal(await read(two, '/etc/edition'), 'first\n')
      unwrap(await one.renew())
      assert.deepEqual(await readAll(one), { disk: 'kept', root: undefined, memory: undefined })
      assert.equal(await read(one, '/etc/edition'), 'second\n')
      unwrap(await two.reset())
      assert.equal(await read(two, '/etc/edition'), 'first\n')
    })

    test('an isolated VM hears nobody and is not heard, until it is healed; also after a reset', async context => {
      if (lacks(context, 'isolate')) return
      unwrap(await one.isolate({ direction: 'both' }))
      assert.deepEqual(await reachable(), ['1 2', '1 3', ...withoutFirst])
      unwrap(await one.reset())
      assert.equal(await answers(two, one), false)
      unwrap(await one.heal())
      await allReachable()
    })

    test('a VM is isolated from some and reaches all others', async context => {
      if (lacks(context, 'isolate')) return
      unwrap(await one.isolate({ direction: 'both', from: [three.spec.id] }))
      unwrap(await one.isolate({ direction: 'both', from: [two.spec.id] }))
      assert.deepEqual(await reachable(), ['1 2', '2 1'])
      unwrap(await one.heal())
    })

    test('a VM that is cut one way is deaf, or dumb, and not both', async context => {
      if (lacks(context, 'isolate')) return
      unwrap(await one.isolate({ direction: 'in' }))
      assert.equal(await heardBy(one, two), 0)
      assert.ok((await heardBy(two, one)) > 1, 'others hear the deaf one')
      unwrap(await one.isolate({ direction: 'out' }))
      assert.ok((await heardBy(one, two)) > 1, 'the dumb one hears others')
      assert.equal(await answers(two, one), false)
      unwrap(await one.heal())
      await allReachable()
    })

    test('frames get lost as often as was said', async context => {
      if (lacks(context, 'loss')) return
      unwrap(await one.lose({ percent: 100, seed: 1 }))
      assert.equal(await answers(two, one), false)
      unwrap(await one.lose({ percent: 50, seed: 1 }))
      const { stdout } = await run(two, 'ping', '-c', '40', '-i', '0.05', '-W', '1', addressOf(one))
      const [, received] = /(\d+) packets received/.exec(stdout) ?? []
      assert.ok(Number(received) > 0 && Number(received) < 40, stdout)
      unwrap(await one.heal())
      await allReachable()
    })

    test('a disk of its own is as large as was said', async context => {
      if (lacks(context, 'fill-disk')) return
      const { exitCode, stderr } = await run(one, ...dd('filler', diskMib + 1))
      assert.equal(exitCode, 1)
      assert.match(stderr, /no space left/i)
      await write(one, '/root/note', 'there is room')
      await run(one, 'rm', `${etcdFolder}/filler`)
      assert.equal((await run(one, ...dd('filler', 1))).exitCode, 0)
    })

    test('a slow disk makes so many writes a second, until it is healed', async context => {
      if (lacks(context, 'slow-disk')) return
      const took = async () => {
        const start = monotonicMs()
        const text = ['dd', 'if=/dev/zero', `of=${etcdFolder}/slow`, 'bs=4096', 'count=8', 'oflag=direct']
        assert.equal((await run(one, ...text)).exitCode, 0)
        return monotonicMs() - start
      }
      assert.ok((await took()) < 1_000)
      unwrap(await one.slowDisks(4))
      assert.ok((await took()) > 1_000)
      unwrap(await one.heal())
      assert.ok((await took()) < 1_000)
      assert.equal(kindOf(await two.slowDisks(4)), 'usage')
    })

    test('a lost disk is empty, but for the logs; it is lost while the VM is off', async context => {
      if (lacks(context, 'lose-disk')) return
      await writeAll(one)
      await log(one, 'before')
      assert.equal(kindOf(await one.loseDisk()), 'usage')
      unwrap(await one.powerOff())
      unwrap(await one.loseDisk())
      unwrap(await one.boot())
      assert.deepEqual(await readAll(one), { disk: undefined, root: undefined, memory: undefined })
      assert.match(await one.logs.read('contract'), /before\n$/)
    })

    test('logs are read whatever state the VM is in, and copied', async () => {
      assert.equal(await two.logs.read('contract'), '')
      await log(two, 'one')
      await log(two, 'two')
      const [logs] = [...driver.logs(shared.stateDir)].flatMap(([name, found]) =>
        name === two.spec.name ? [found] : [],
      )
      assert.ok(logs)
      const look = async () => {
        assert.equal(await two.logs.read('contract'), 'one\ntwo\n')
        assert.equal(await logs.read('contract', 4), 'two\n')
        assert.ok((await logs.names()).includes('contract'))
      }
      await look()
      unwrap(await two.stop())
      await look()
      unwrap(await two.powerOff())
      await look()
      assert.equal(await logs.copyTo(join(folder, 'copied')), true)
      assert.equal(readFileSync(join(folder, 'copied/contract.log'), 'utf8'), 'one\ntwo\n')
      unwrap(await two.boot())
      await look()
    })

    test('a log is followed over a reset of the VM', async () => {
      const enough = new AbortController()
      const seen = Promise.withResolvers<void>()
      let text = ''
      await log(three, 'first')
      const following = three.logs.follow(
        'contract',
        piece => {
          text += piece
          if (text.endsWith('first\n')) seen.resolve()
          if (text.endsWith('second\n')) enough.abort()
        },
        enough.signal,
      )
      await seen.promise
      unwrap(await three.reset())
      await log(three, 'second')
      await following
      assert.equal(text, 'first\nsecond\n')
    })

    test('a cluster is its maker’s until that has kept it, and its next user’s from then on', async () => {
      assert.equal(driver.inUseBy(shared.stateDir), process.pid)
      assert.equal(cluster.keep(), true)
      assert.equal(driver.inUseBy(shared.stateDir), undefined)
      assert.deepEqual(unwrap(await driver.sweep(join(folder, 'clusters'))), [])
      cluster.adopt()
      assert.equal(driver.inUseBy(shared.stateDir), process.pid)
      assert.deepEqual(unwrap(await driver.sweep(join(folder, 'clusters'))), [])
      assert.equal(await two.state(), 'running')
    })

    test('a cluster that is interrupted while it boots says so, and goes', async () => {
      const plan = planOf('interrupted')
      assert.equal(kindOf(await driver.create(plan, AbortSignal.abort())), 'interrupted')
      unwrap(await driver.remove(plan.stateDir))
      assertGone(plan)
    })

    test('what is removed leaves nothing, however often it is removed; others stay', async () => {
      const plan = planOf('removed')
      const made = unwrap(await driver.create(plan, never))
      const [first] = made.vms
      assert.ok(first)
      unwrap(await first.stop())
      assert.notDeepEqual(remains(plan.stateDir), [])
      unwrap(await made.destroy())
      assertGone(plan)
      unwrap(await made.destroy())
      unwrap(await driver.remove(plan.stateDir))
      assert.equal(await driver.find(plan.stateDir), undefined)
      await allReachable()
    })

    for (const when of ['booting', 'running'] as const)
      test(`what a process left that was killed while its VMs were ${when} is swept up`, async () => {
        const plan = planOf(`killed-${when}`)
        await makeAndDie(plan, when)
        assert.equal(driver.inUseBy(plan.stateDir), undefined)
        assert.deepEqual(unwrap(await driver.sweep(join(folder, 'clusters'))), [plan.name])
        assertGone(plan)
        assert.equal(await one.state(), 'running')
      })

    test('a cluster that was kept outlives its maker, and another process finds it', async () => {
      const plan = planOf('kept')
      await makeAndDie(plan, 'kept')
      assert.deepEqual(unwrap(await driver.sweep(join(folder, 'clusters'))), [])
      const found = await driver.find(plan.stateDir)
      assert.ok(found)
      assert.equal(found.keep(), false, 'only its owner may keep it')
      found.adopt()
      assert.equal(await read(found.vms[2] ?? three, '/etc/edition'), 'first\n')
      unwrap(await found.destroy())
      assertGone(plan)
    })

    function assertGone({ stateDir }: ClusterPlan): void {
      assert.equal(existsSync(stateDir), false)
      assert.deepEqual(remains(stateDir), [])
    }

    function lacks(context: TestContext, kind: FaultKind): boolean {
      const isLacking = !driver.faults.has(kind)
      if (isLacking) context.skip(`the driver cannot do "${kind}" on this machine`)
      return isLacking
    }

    /** Who does not reach another: "1 2" for the first VM and the second, "client" for a client and the first. */
    async function reachable(): Promise<readonly string[]> {
      const running = await Promise.all(cluster.vms.map(async vm => ((await vm.state()) === 'running' ? [vm] : [])))
      const pairs = running.flat().flatMap(from => cluster.vms.filter(to => to !== from).map(to => ({ from, to })))
      const [all, client] = await Promise.all([
        Promise.all(pairs.map(async ({ from, to }) => ((await answers(from, to)) ? [] : [`${at(from)} ${at(to)}`]))),
        answers(cluster.client, one),
      ])
      return [...all.flat(), ...(client ? [] : ['client'])].sort()
    }

    /** Soon: a neighbour that did not answer is asked again after a second only. */
    async function allReachable(): Promise<void> {
      const pace = { everyMs: 100, withinMs: 5_000 }
      assert.deepEqual(await poll(reachable, missing => missing.length === 0, pace), [])
    }

    const at = (vm: Vm) => cluster.vms.indexOf(vm) + 1
  })
}

/** What `reachable` says while the first VM is silent. */
const withoutFirst = ['2 1', '3 1', 'client']

const busybox = (...argv: readonly string[]) => ['busybox', ...argv]
const ok = (stdout: string): Output => ({ exitCode: 0, stdout, stderr: '' })
const dd = (file: string, mib: number) => ['dd', 'if=/dev/zero', `of=${etcdFolder}/${file}`, 'bs=1M', `count=${mib}`]

const run = async (on: Programs, ...argv: readonly string[]): Promise<Output> =>
  unwrap(await on.exec(busybox(...argv), { timeoutMs: 60_000 }))

const kindOf = (result: Result<unknown>) => (result.ok ? 'ok' : result.failure.kind)
const messageOf = (result: Result<unknown>) => (result.ok ? 'ok' : result.failure.message)

const addressOf = (vm: Vm) => vm.spec.interfaces[1]?.addresses[0]?.replace(/\/.*/, '') ?? ''

const answers = async (from: Programs, to: Vm): Promise<boolean> =>
  (await run(from, 'ping', '-c', '1', '-W', '1', addressOf(to))).exitCode === 0

/** How many frames more it got while the other one asked it something. */
async function heardBy(vm: Vm, other: Vm): Promise<number> {
  const frames = async () => Number(await read(vm, '/sys/class/net/eth1/statistics/rx_packets'))
  const earlier = await frames()
  await run(other, 'ping', '-c', '3', '-i', '0.2', '-W', '1', addressOf(vm))
  return (await frames()) - earlier
}

async function read(vm: Vm, file: string): Promise<string | undefined> {
  const { exitCode, stdout } = await run(vm, 'cat', file)
  return exitCode === 0 ? stdout : undefined
}

async function write(vm: Vm, file: string, input: string): Promise<void> {
  assert.equal(unwrap(await vm.exec(busybox('tee', file), { timeoutMs: 10_000, input })).exitCode, 0)
  await run(vm, 'sync')
}

async function log(vm: Vm, line: string): Promise<void> {
  const argv = busybox('tee', '-a', '/var/log/contract.log')
  assert.equal(unwrap(await vm.exec(argv, { timeoutMs: 10_000, input: `${line}\n` })).exitCode, 0)
}

const places = { disk: `${etcdFolder}/note`, root: '/root/note', memory: '/run/note' }

async function writeAll(vm: Vm): Promise<void> {
  for (const file of Object.values(places)) await write(vm, file, 'kept')
}

async function readAll(vm: Vm): Promise<Readonly<Record<string, string | undefined>>> {
  const entries = Object.entries(places).map(async ([name, file]) => [name, await read(vm, file)] as const)
  return Object.fromEntries(await Promise.all(entries))
}
