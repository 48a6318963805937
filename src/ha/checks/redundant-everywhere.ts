/** All of the redundancy is there: before anything breaks, and again after it. */
import * as v from 'valibot'
import { defineCheck } from './check.ts'
import { redundancyClaims } from './redundancy-claims.ts'

export const redundantEverywhere = defineCheck({
  name: 'redundant-everywhere',
  claim: 'every load balancer, apiserver, etcd member and client can do without any one of the others',
  schema: v.strictObject({}),
  // An apiserver that was away is among the endpoints again after 10 s at most.
  timeoutMs: 30_000,
  waitsForReadiness: true,

  async observe(context) {
    const claims = redundancyClaims(context.cluster.spec)
    const missing: string[] = []
    for (const claim of claims) missing.push(...(await claim(context)))
    return { holds: missing.length === 0, seen: missing.join('; ') || `${claims.length} claims hold` }
  },
})
