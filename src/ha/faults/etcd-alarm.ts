/** etcd's NOSPACE alarm: what a member raises when its quota is used up. Raised, every write is refused. */
import * as v from 'valibot'
import type { Vm } from '../../drivers/driver.ts'
import { failed } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { runOn } from '../ask/run-on.ts'
import { defineFault, type FaultContext } from './fault.ts'

async function control(vm: Vm, action: 'raise' | 'disarm', { signal }: FaultContext): Promise<Result<string>> {
  const answer = await runOn(vm, ['/usr/lib/k8s-ha/etcd-alarm', action], { timeoutMs: 10_000, signal })
  if (answer.ok) return ok('NOSPACE')
  return fail(failed(`Cannot ${action} etcd's NOSPACE alarm on "${vm.spec.name}"`, { last: answer.reason }))
}

export const alarm = defineFault({
  verb: 'alarm',
  what: "raises etcd's NOSPACE alarm for the VM's member, as a used-up quota does: etcd refuses writes",
  schema: v.strictObject({}),
  effect: 'began',
  roles: ['etcd'],
  inject: (vm, _, context) => control(vm, 'raise', context),
})

export const disarm = defineFault({
  verb: 'disarm',
  what: "disarms etcd's alarms",
  schema: v.strictObject({}),
  effect: 'undoes',
  roles: ['etcd'],
  ends: ['alarm'],
  onAll: true,
  inject: (vm, _, context) => control(vm, 'disarm', context),
})
