/** Faults of a VM's network; `heal` undoes them all, and slow disks. */
import * as v from 'valibot'
import { ok, type Result } from '../../platform/result.ts'
import { targetSchema } from '../targets/target-schema.ts'
import { defineFault } from './fault.ts'

const named = (result: Result<void>, detail: string): Result<string> => (result.ok ? ok(detail) : result)

export const isolate = defineFault({
  verb: 'isolate',
  what: 'cuts the VM off, from everyone or `from` some VMs, in both directions or one',
  needs: 'isolate',
  schema: v.strictObject({
    from: v.optional(v.pipe(v.array(targetSchema), v.minLength(1))),
    /** As the VM sees it. */
    direction: v.optional(v.picklist(['both', 'in', 'out']), 'both'),
  }),
  effect: 'began',
  targets: ({ from }) => from ?? [],
  async inject(vm, { from, direction }, { idsOf }) {
    const ids = from === undefined ? undefined : await idsOf(from)
    if (ids !== undefined && !ids.ok) return ids
    const cut = await vm.isolate({ direction, ...(ids === undefined ? {} : { from: ids.value }) })
    const way = direction === 'both' ? '' : `, ${direction} only`
    return named(cut, from === undefined ? `from everyone${way}` : `from ${from.join(', ')}${way}`)
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
