/** Exactly one running load balancer holds the VIP, and it holds those of all families. */
import * as v from 'valibot'
import { defineCheck } from '../check.ts'
import { heldVips } from '../vip-owners.ts'

export const vipHeld = defineCheck({
  name: 'vip-held',
  claim: 'exactly one load balancer holds the VIP',
  schema: v.strictObject({}),
  timeoutMs: 30_000,

  async observe(context) {
    const asked = await heldVips(context)
    const owners = asked.filter(({ vips }) => vips.length > 0)
    const seen = owners.map(({ vm, vips }) => `${vm.spec.name} has ${vips.join(' and ')}`).join(', ')
    return {
      holds: owners.length === 1 && owners[0]?.vips.length === context.cluster.spec.vips.length,
      seen: seen || `nobody of ${asked.map(({ vm }) => vm.spec.name).join(', ')}`,
      ...(owners.length > 0 ? { figure: owners.map(({ vm }) => vm.spec.name).join('+') } : {}),
    }
  },
})
