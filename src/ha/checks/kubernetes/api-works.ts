/** The ancestor's criterion: on a worker, through the VIP, `kubectl get nodes` answers ten times in a row, or fewer. */
import * as v from 'valibot'
import { monotonicMs } from '../../../platform/clock.ts'
import { kubectlOn } from '../../ask/run-on.ts'
import { kubectlVm } from '../../ask/select-vms.ts'
import { defineCheck } from '../check.ts'

/** Slower than this is no answer: a request that hangs at a dead connection must not cost the whole time limit. */
const getTimeoutMs = 2_000

export const apiWorks = defineCheck({
  name: 'api-works',
  claim: 'the API answers in a row through the VIP',
  schema: v.strictObject({
    /** Where probes read all the time, a few are enough: ten keep a whole CPU busy for seconds. */
    times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 10),
  }),
  timeoutMs: 60_000,
  waitsForReadiness: true,

  async observe({ cluster, signal }, { times }) {
    const client = await kubectlVm(cluster)
    if (!client.ok) return { holds: false, seen: client.failure.message }
    const start = monotonicMs()
    let slowestMs = 0
    for (let answered = 0; answered < times; answered++) {
      const asked = monotonicMs()
      const answer = await kubectlOn(
        cluster,
        client.value,
        ['get', 'nodes', '--output=name', `--request-timeout=${getTimeoutMs}ms`],
        {
          timeoutMs: getTimeoutMs * 3,
          signal,
        },
      )
      if (!answer.ok)
        return { holds: false, seen: `${answered} answers on ${client.value.spec.name}, then: ${answer.reason}` }
      slowestMs = Math.max(slowestMs, monotonicMs() - asked)
    }
    const seconds = ((monotonicMs() - start) / 1000).toFixed(1)
    return {
      holds: true,
      seen: `${times} answers on ${client.value.spec.name} in ${seconds} s, the slowest in ${Math.round(slowestMs)} ms`,
    }
  },
})
