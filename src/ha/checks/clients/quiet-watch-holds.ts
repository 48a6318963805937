/** A watch of what does not change lives on through the load balancer, though nothing passes on its connection. */
import * as v from 'valibot'
import { kubectlOn } from '../../ask/run-on.ts'
import { kubectlVm } from '../../ask/select-vms.ts'
import { defineCheck } from '../check.ts'

export const quietWatchHolds = defineCheck({
  name: 'quiet-watch-holds',
  claim: 'a quiet watch is not cut',
  schema: v.strictObject({
    /** Seconds, after which the apiserver ends the watch in order. */
    for: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(600)), 8),
  }),
  // One cut is one too many: it is observed once.
  timeoutMs: 1,

  async observe({ cluster, signal }, { for: seconds }) {
    const client = await kubectlVm(cluster)
    if (!client.ok) return { holds: false, seen: client.failure.message }
    const watch = `/api/v1/namespaces/kube-public/limitranges?watch=1&timeoutSeconds=${seconds}`
    const answer = await kubectlOn(cluster, client.value, ['get', '--raw', watch], {
      timeoutMs: (seconds + 20) * 1000,
      signal,
    })
    return {
      holds: answer.ok,
      seen: answer.ok ? `open for ${seconds} s, then ended by the apiserver` : `cut: ${answer.reason}`,
    }
  },
})
