/** No write that begins now is acknowledged: what must be so where a quorum, or the room for it, is missing. */
import * as v from 'valibot'
import { monotonicMs, sleep } from '../../../platform/clock.ts'
import { defineCheck } from '../check.ts'

export const nothingAcknowledged = defineCheck({
  name: 'nothing-acknowledged',
  claim: 'no write is acknowledged meanwhile',
  schema: v.strictObject({
    /** Seconds. */
    for: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(600)), 5),
  }),
  // One acknowledged write is one too many: it is observed once.
  timeoutMs: 1,

  async observe({ signal, writes }, { for: seconds }) {
    if (writes === undefined) return { holds: false, seen: 'no probe writes, so nothing shows' }
    const start = monotonicMs()
    await sleep(seconds * 1000, signal).catch(() => undefined)
    const { tried, acknowledged } = writes(start)
    return {
      holds: acknowledged === 0 && tried > 0,
      seen: `${acknowledged} of ${tried} writes acknowledged in ${seconds} s`,
      figure: String(acknowledged),
    }
  },
})
