/** Faults of a VM's network; `heal` undoes them all, and slow disks. */
import * as v from 'valibot'
import { roles, withRole } from '../../cluster/spec.ts'
import { failed } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import type { Target } from '../targets/target.ts'
import { targetSchema } from '../targets/target-schema.ts'
import { defineFault } from './fault.ts'

/** A role stands for all other VMs that have it. */
const others = v.custom<Target>(
  input => v.is(v.union([v.picklist(roles), targetSchema]), input),
  ({ input }) => `${JSON.stringify(input)} names no VM and no role: ${roles.join(', ')}, or a VM as in other steps`,
)
const roleOf = (one: Target) => roles.find(name => name === one)

const named = (result: Result<void>, detail: string): Result<string> => (result.ok ? ok(detail) : result)

export const isolate = defineFault({
  verb: 'isolate',
  what: 'cuts the VM off, from everyone or `from` some VMs or roles, in both directions or one',
  needs: 'isolate',
  schema: v.strictObject({
    from: v.optional(v.pipe(v.array(others), v.minLength(1))),
    /** As the VM sees it. */
    direction: v.optional(v.picklist(['both', 'in', 'out']), 'both'),
  }),
  effect: 'began',
  targets: ({ from = [] }) => from.filter(one => roleOf(one) === undefined),
  problem({ from = [] }, _, spec) {
    const missing = from.flatMap(one => roleOf(one) ?? []).find(role => withRole(spec, role).length === 0)
    return missing === undefined ? undefined : `the cluster has no VM of role "${missing}"`
  },
  async inject(vm, { from, direction }, { cluster, idsOf }) {
    const way = direction === 'both' ? '' : `, ${direction} only`
    if (from === undefined) return named(await vm.isolate({ direction }), `from everyone${way}`)
    const ids = await idsOf(from.filter(one => roleOf(one) === undefined))
    if (!ids.ok) return ids
    const ofRoles = withRole(cluster, ...from.flatMap(one => roleOf(one) ?? [])).map(one => one.spec.id)
    const all = [...ids.value, ...ofRoles.filter(id => id !== vm.spec.id && !ids.value.includes(id))]
    const who = from.join(', ')
    if (all.length === 0) return fail(failed(`Cannot isolate "${vm.spec.name}": there is no other VM of "${who}"`))
    return named(await vm.isolate({ direction, from: all }), `from ${who}${way}`)
  },
})

export const loss = defineFault({
  verb: 'loss',
  what: 'loses that many `percent` of the frames to and from the VM, in a pattern that the seed decides',
  needs: 'loss',
  schema: v.strictObject({ percent: v.pipe(v.number(), v.minValue(0.1), v.maxValue(100)) }),
  effect: 'began',
  inject: async (vm, { percent }, { seed }) => named(await vm.lose({ percent, seed }), `${percent} %`),
})

export const heal = defineFault({
  verb: 'heal',
  what: 'undoes isolate, loss and slow-disk',
  schema: v.strictObject({}),
  effect: 'undoes',
  ends: ['isolate', 'loss', 'slow-disk'],
  inject: async vm => named(await vm.heal(), ''),
})
