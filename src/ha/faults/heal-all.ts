/**
 * Undoes everything that a scenario left broken, however it ended: every VM runs, hears the others, may run its
 * services, and has disks with room and at full speed.
 */
import { withRole } from '../../cluster/spec.ts'
import type { Cluster, Vm } from '../../drivers/driver.ts'
import { done, ok, type Result } from '../../platform/result.ts'
import { inState } from '../ask/select-vms.ts'
import type { FaultSpan } from '../record/record.ts'
import { freeDisk, hasDisk } from './disk.ts'
import type { FaultContext } from './fault.ts'
import { faultTypes } from './faults.ts'
import { lastingServiceFaults, startServices } from './service.ts'

interface HealOptions {
  readonly cluster: Cluster
  /** Those that may be broken: looking at others would cost what the cluster needs. */
  readonly vms: readonly Vm[]
  readonly signal: AbortSignal
  /** Those that nothing has undone yet. */
  readonly open: readonly FaultSpan[]
}

/** The first thing that could not be undone; the others were tried all the same. */
export async function healAll({ cluster, vms, signal, open }: HealOptions): Promise<Result<void>> {
  const hit = (fault: string, vm: Vm) => open.some(one => one.fault === fault && one.vm === vm.spec.name)
  const context: FaultContext = { cluster, signal, seed: 0, idsOf: async () => ok([]) }
  const machines = await Promise.all(vms.map(vm => revive(vm, signal)))
  const held = vms.filter(vm => lastingServiceFaults.some(fault => hit(fault, vm)))
  const services = await Promise.all(held.map(vm => startServices(vm, context)))
  const disks = await Promise.all(vms.filter(hasDisk).map(vm => freeDisk(vm, context)))
  const alarms = open.some(one => one.fault === 'alarm') ? [await disarm(context)] : []
  return [...machines, ...services, ...disks, ...alarms].find(one => !one.ok) ?? done
}

async function revive(vm: Vm, signal: AbortSignal): Promise<Result<void>> {
  const healed = await vm.heal()
  if (!healed.ok) return healed
  const state = await vm.state()
  if (state === 'running') return healed
  return state === 'stopped' ? vm.resume() : vm.boot(signal)
}

async function disarm(context: FaultContext): Promise<Result<string>> {
  const [member] = await inState(withRole(context.cluster, 'etcd'), 'running')
  const fault = faultTypes.get('disarm')
  return member && fault ? fault.inject(member, {}, context) : ok('')
}
