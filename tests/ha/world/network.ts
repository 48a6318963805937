/** Addresses, routes and neighbours of a world in memory: who holds the VIP, and who knows. */
import { addressOf, familiesOf } from '../../../src/cluster/spec.ts'
import type { Output } from '../../../src/drivers/driver.ts'
import type { Call } from '../../../src/drivers/fake/fake-programs.ts'
import { type FakeVm, isHeard } from '../../../src/drivers/fake/fake-vm.ts'
import { type Parts, type Programs, reaches, runs } from './parts.ts'

/** Each load balancer that hears none with a higher priority believes that it is the owner. */
export function vipHolders(world: Parts): readonly FakeVm[] {
  const balancers = world.withRole('load-balancer').filter(vm => runs(vm, 'keepalived') && runs(vm, 'haproxy'))
  return balancers.filter((vm, rank) => !balancers.slice(0, rank).some(better => isHeard(better, vm)))
}

const eth1 = (vm: FakeVm) => vm.spec.interfaces.find(({ name }) => name === 'eth1')

/** Prints, as the kernel does, when the VM takes a VIP or gives it up. */
export async function monitorAddresses(world: Parts, { vm, print, signal }: Call<FakeVm>): Promise<Partial<Output>> {
  let held = false
  for (let first = true; !signal.aborted; first = false) {
    const holds = vm !== undefined && vipHolders(world).includes(vm)
    if (vm?.isRunning && holds !== held) {
      held = holds
      for (const vip of world.spec.vips)
        print(`${holds ? '' : 'Deleted '}7: eth1    inet${vip.includes(':') ? '6' : ''} ${vip}/32 scope global eth1\n`)
    }
    if (first) print('begun\n')
    await world.clock.sleep(20, signal).catch(() => undefined)
  }
  return {}
}

export function networkPrograms(world: Parts): Programs {
  const addresses = (vm: FakeVm | undefined) => {
    const own = (vm && eth1(vm)?.addresses.map(one => one.replace(/\/.*/, ''))) ?? []
    const vips = vm && vipHolders(world).includes(vm) ? world.spec.vips : []
    return JSON.stringify([{ addr_info: [...own, ...vips].map(local => ({ local })) }])
  }
  const neighbours = (vm: FakeVm | undefined) => {
    const holder = vipHolders(world).find(one => reaches(vm, one))
    const entries = holder ? world.spec.vips.map(dst => ({ dst, lladdr: eth1(holder)?.mac })) : []
    return JSON.stringify([...entries, { dst: '192.168.1.77' }])
  }
  const routes = () =>
    world
      .withRole('worker')
      .flatMap(({ spec }) => familiesOf(world.spec).map(family => `nexthop via ${addressOf(spec, family)} dev eth1`))
      .join('\n')
  return [
    [
      'ip',
      ({ vm, argv }) => {
        if (argv.includes('address')) return { stdout: addresses(vm) }
        return { stdout: argv.includes('neighbour') ? neighbours(vm) : routes() }
      },
    ],
    [
      'fping',
      ({ vm, argv }) => {
        const silent = argv.filter(address => {
          const other = world.cluster.vms.find(one => eth1(one)?.addresses.some(own => own.startsWith(`${address}/`)))
          return other !== undefined && !reaches(vm, other)
        })
        return { stdout: silent.map(address => `${address}\n`).join(''), exitCode: silent.length === 0 ? 0 : 1 }
      },
    ],
  ]
}
