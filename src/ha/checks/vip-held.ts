/** Exactly one running load balancer holds the VIP, those of all families; where it is preferred, the first of them. */
import * as v from 'valibot'
import { defineCheck } from '../check.ts'
import { heldVips } from '../vip-owners.ts'

export const vipHeld = defineCheck({
  name: 'vip-held',
  claim: 'exactly one load balancer holds the VIP',
  schema: v.strictObject({
    /** It must be the one with the highest priority, to which the VIP returns where it preempts. */
    preferred: v.optional(v.boolean(), false),
  }),
  timeoutMs: 30_000,

  async observe(context, { preferred }) {
    const asked = await heldVips(context)
    const owners = asked.filter(({ vips }) => vips.length > 0)
    const seen = owners.map(({ vm, vips }) => `${vm.spec.name} has ${vips.join(' and ')}`).join(', ')
    const [owner] = owners
    const isRight = !preferred || owner?.vm === asked[0]?.vm
    return {
      holds: owners.length === 1 && owner?.vips.length === context.cluster.spec.vips.length && isRight,
      seen: seen || `nobody of ${asked.map(({ vm }) => vm.spec.name).join(', ')}`,
      ...(owners.length > 0 ? { figure: owners.map(({ vm }) => vm.spec.name).join('+') } : {}),
    }
  },
})
