/** Writes that begin now are acknowledged: clients go on. */
import * as v from 'valibot'
import { monotonicMs, sleep } from '../../../platform/clock.ts'
import { defineCheck } from '../check.ts'

const lookMs = 300

export const writesAcknowledged = defineCheck({
  name: 'writes-acknowledged',
  claim: 'writes are acknowledged',
  schema: v.strictObject({}),
  timeoutMs: 30_000,
  waitsForReadiness: true,

  async observe({ signal, writes }) {
    if (writes === undefined) return { holds: false, seen: 'no probe writes, so nothing shows' }
    const start = monotonicMs()
    await sleep(lookMs, signal).catch(() => undefined)
    const { tried, acknowledged } = writes(start)
    return { holds: acknowledged > 0, seen: `${acknowledged} of ${tried} writes acknowledged in ${lookMs / 1000} s` }
  },
})
