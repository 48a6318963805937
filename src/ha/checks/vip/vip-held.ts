/** Exactly one running load balancer holds the VIP, those of all families, or as many believe so as a scenario wants. */
import * as v from 'valibot'
import { heldVips } from '../../ask/vip-owners.ts'
import { defineCheck } from '../check.ts'

export const vipHeld = defineCheck({
  name: 'vip-held',
  claim: 'exactly one load balancer holds the VIP',
  schema: v.strictObject({
    /** It must be the one with the highest priority, to which the VIP returns where it preempts. */
    preferred: v.optional(v.boolean(), false),
    /** How many must believe that they hold it: two that do not hear each other. */
    owners: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  }),
  timeoutMs: 30_000,
  waitsForReadiness: true,

  async observe(context, { preferred, owners: wanted = 1 }) {
    const asked = await heldVips(context)
    const owners = asked.filter(({ vips }) => vips.length > 0)
    const seen = owners.map(({ vm, vips }) => `${vm.spec.name} has ${vips.join(' and ')}`).join(', ')
    const [owner] = owners
    const all = context.cluster.spec.vips.length
    const isRight = !preferred || owner?.vm === asked[0]?.vm
    return {
      holds: owners.length === wanted && owners.every(({ vips }) => vips.length === all) && isRight,
      seen: seen || `nobody of ${asked.map(({ vm }) => vm.spec.name).join(', ')}`,
      ...(owners.length > 0 ? { figure: owners.map(({ vm }) => vm.spec.name).join('+') } : {}),
    }
  },
})
