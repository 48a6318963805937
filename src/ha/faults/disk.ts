/** Full and slow disks: of etcd's data, where that has a disk of its own. */
import * as v from 'valibot'
import { type ClusterSpec, withRole } from '../../cluster/spec.ts'
import type { Vm } from '../../drivers/driver.ts'
import { failed } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { runOn } from '../ask/run-on.ts'
import { defineFault, type FaultContext } from './fault.ts'

const roles = ['etcd'] as const

async function control(vm: Vm, action: 'fill' | 'free', { signal }: Pick<FaultContext, 'signal'>) {
  const answer = await runOn(vm, ['/usr/lib/k8s-ha/etcd-disk', action], { timeoutMs: 30_000, signal })
  if (answer.ok) return ok(answer.stdout.trim())
  return fail(failed(`Cannot ${action} the disk of "${vm.spec.name}"`, { last: answer.reason }))
}

/** As good when it was never filled. */
export const freeDisk = (vm: Vm, context: Pick<FaultContext, 'signal'>): Promise<Result<string>> =>
  control(vm, 'free', context)

export const hasDisk = (vm: Vm): boolean => (vm.spec.disks ?? []).length > 0

const unfit = (spec: ClusterSpec): string | undefined =>
  withRole(spec, 'etcd').every(vm => vm.disks !== undefined)
    ? undefined
    : 'the etcd VMs have no disks of their own (--set etcd_disk=256)'

export const fill = defineFault({
  verb: 'fill-disk',
  what: "leaves no room on the disk of the VM's etcd data",
  needs: 'fill-disk',
  unfit,
  schema: v.strictObject({}),
  effect: 'began',
  roles,
  async inject(vm, _, context) {
    const filled = await control(vm, 'fill', context)
    return filled.ok ? ok(`${filled.value} MiB`) : filled
  },
})

export const slow = defineFault({
  verb: 'slow-disk',
  what: "lets the disk of the VM's etcd data make so many `writes-per-second`",
  needs: 'slow-disk',
  unfit,
  schema: v.strictObject({
    'writes-per-second': v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)), 1),
  }),
  effect: 'began',
  roles,
  async inject(vm, { 'writes-per-second': perSecond }) {
    const slowed = await vm.slowDisks(perSecond)
    return slowed.ok ? ok(`${perSecond} writes/s`) : slowed
  },
})

export const free = defineFault({
  verb: 'free-disk',
  what: 'undoes fill-disk',
  schema: v.strictObject({}),
  effect: 'undoes',
  roles,
  ends: ['fill-disk'],
  inject: (vm, _, context) => freeDisk(vm, context),
})
