/** The driver that tests use does what every driver must do. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { readState, writeState } from '../../src/drivers/cluster-state.ts'
import { type Output, secretPath } from '../../src/drivers/driver.ts'
import { FakeDriver } from '../../src/drivers/fake/fake-driver.ts'
import type { Call } from '../../src/drivers/fake/fake-programs.ts'
import { type FakeVm, isHeard } from '../../src/drivers/fake/fake-vm.ts'
import { liveBy, sleep } from '../../src/platform/clock.ts'
import { FakeClock } from '../platform/fake-clock.ts'
import { type Subject, writeOwn } from './contract/bench.ts'
import { driverContract } from './contract.ts'

type Applet = (call: Call<FakeVm>, args: readonly string[]) => Partial<Output> | Promise<Partial<Output>>

const frames = new Map<FakeVm, number>()
const logFile = '/var/log/contract.log'
const addressOf = (vm: FakeVm) => vm.spec.interfaces[1]?.addresses[0]?.replace(/\/.*/, '')

/** What the contract's VMs can run. */
const applets: Readonly<Record<string, Applet>> = {
  echo: (_, words) => ({ stdout: `${words.join(' ')}\n` }),
  sync: () => ({}),
  sleep: async ({ signal }, [seconds]) => {
    await sleep(Number(seconds) * 1000, signal).catch(() => undefined)
    return {}
  },
  cat: ({ vm, secret }, [file = '']) => {
    if (file === secretPath) return { stdout: secret }
    const text = file.endsWith('/rx_packets') && vm ? String(frames.get(vm) ?? 0) : vm?.read(file)
    return text === undefined ? { exitCode: 1, stderr: `cat: ${file}: No such file or directory\n` } : { stdout: text }
  },
  tee({ vm, input }, args) {
    if (args.includes(logFile)) vm?.logs.append('contract', input)
    else vm?.files.set(args.at(-1) ?? '', input)
    return { stdout: input }
  },
  rm({ vm }, [file = '']) {
    vm?.files.delete(file)
    return {}
  },
  async tail({ vm, print, signal }, args) {
    print(vm?.read(args.at(-1) ?? '') ?? '')
    await sleep(60_000, signal).catch(() => undefined)
    return {}
  },
  ping({ vm, vms }, args) {
    const to = vms.find(one => addressOf(one) === args.at(-1))
    const count = Number(args[args.indexOf('-c') + 1])
    let received = 0
    for (let sent = 0; sent < count; sent++) {
      const isAsked = isHeard(vm, to)
      if (to && isAsked) frames.set(to, (frames.get(to) ?? 0) + 1)
      if (isAsked && isHeard(to, vm)) received++
    }
    return { exitCode: received > 0 ? 0 : 1, stdout: `${count} packets transmitted, ${received} packets received` }
  },
  async dd({ vm }, args) {
    const options = new Map(args.map(arg => [arg.split('=')[0], arg.split('=')[1]]))
    const count = Number(options.get('count'))
    const size = options.get('bs') === '1M' ? count : 0
    const room = vm?.spec.disks?.[0]?.mib ?? Number.POSITIVE_INFINITY
    if (size > room) return { exitCode: 1, stderr: 'dd: No space left on device\n' }
    await sleep((count * 1000) / (vm?.writesPerSecond ?? 1000))
    return {}
  },
}

const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-fake-'))
const driver = new FakeDriver()
driver.programs.set('busybox', call => {
  const [, name = '', ...args] = call.argv
  return applets[name]?.(call, args) ?? { exitCode: 127 }
})

before(() => liveBy(new FakeClock()))
after(() => {
  liveBy()
  rmSync(folder, { recursive: true, force: true })
})

const subject: Subject = {
  driver,
  layers(edition) {
    mkdirSync(join(folder, edition, 'etc'), { recursive: true })
    writeFileSync(join(folder, edition, 'etc/edition'), `${edition}\n`)
    return [{ folder: join(folder, edition), mayChange: false, own: writeOwn(join(folder, edition)) }]
  },
  async makeAndDie(plan, when) {
    const { onBoot } = driver
    if (when === 'booting') driver.onBoot = () => new Promise(() => {})
    const making = driver.create(plan, new AbortController().signal)
    driver.onBoot = onBoot
    if (when !== 'booting') await making
    const state = readState(plan.stateDir)
    if (state === undefined) throw new Error('the fake driver writes its state first of all')
    // A process of that number that began when this one did not: it is gone.
    writeState(plan.stateDir, { ...state, owner: { ...state.owner, startTicks: -1, pid: 1 }, kept: when === 'kept' })
  },
  remains: stateDir => [...driver.logs(stateDir).keys()],
}

driverContract(subject)
