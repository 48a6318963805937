/** The ancestor's criterion: on a worker, through the VIP, `kubectl get nodes` answers ten times in a row. */
import * as v from 'valibot'
import { monotonicMs } from '../../platform/clock.ts'
import { defineCheck } from '../check.ts'
import { kubectlOn } from '../run-on.ts'
import { clientVm } from '../select-vms.ts'

/** Slower than this is no answer: a request that hangs at a dead connection must not cost the whole time limit. */
const getTimeoutMs = 2_000

export const apiWorks = defineCheck({
  name: 'api-works',
  claim: 'the API answers 10 times in a row through the VIP',
  schema: v.strictObject({}),
  timeoutMs: 60_000,

  async observe({ cluster, signal }) {
    const client = await clientVm(cluster)
    if (client === undefined) return { holds: false, seen: 'no worker or control-plane VM is running' }
    const start = monotonicMs()
    let slowestMs = 0
    for (let answered = 0; answered < 10; answered++) {
      const asked = monotonicMs()
      const answer = await kubectlOn(client, ['get', 'nodes', '--output=name', `--request-timeout=${getTimeoutMs}ms`], {
        timeoutMs: getTimeoutMs * 3,
        signal,
      })
      if (!answer.ok)
        return { holds: false, seen: `${answered} answers on ${client.spec.name}, then: ${answer.reason}` }
      slowestMs = Math.max(slowestMs, monotonicMs() - asked)
    }
    const seconds = ((monotonicMs() - start) / 1000).toFixed(1)
    return {
      holds: true,
      seen: `10 answers on ${client.spec.name} in ${seconds} s, the slowest in ${Math.round(slowestMs)} ms`,
    }
  },
})
