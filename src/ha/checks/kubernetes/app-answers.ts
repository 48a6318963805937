/** The test application answers through its service on every worker, where it was deployed. */
import * as v from 'valibot'
import { url } from '../../../cluster/address.ts'
import { curlOn, inTurn } from '../../ask/run-on.ts'
import { inState } from '../../ask/select-vms.ts'
import { testApp } from '../../ask/test-app.ts'
import { defineCheck } from '../check.ts'

export const appAnswers = defineCheck({
  name: 'app-answers',
  claim: 'the test application answers on every worker',
  schema: v.strictObject({}),
  timeoutMs: 60_000,
  waitsForReadiness: true,

  async observe({ cluster, signal }) {
    const { places, reason } = await testApp(cluster, signal)
    if (reason !== '') return { holds: false, seen: reason }
    const running = await inState(cluster.vms, 'running')
    const workers = running.flatMap(vm => {
      const place = places.find(one => one.vm === vm.spec.name)
      return place === undefined ? [] : [{ vm, at: url('http', place.host, place.port) }]
    })
    if (places.length === 0) return { holds: true, seen: 'there is no test application' }
    const answers = await inTurn(
      workers.map(({ vm }) => vm),
      async vm => {
        const at = workers.find(one => one.vm === vm)?.at ?? ''
        const answer = await curlOn(vm, ['--fail', '--output', '/dev/null', at], { timeoutMs: 2_000, signal })
        return { name: vm.spec.name, answer }
      },
    )
    const silent = answers.filter(({ answer }) => !answer.ok).map(({ name, answer }) => `${name}: ${answer.reason}`)
    return {
      holds: silent.length === 0 && answers.length > 0,
      seen: silent.join(', ') || `it answers on ${answers.map(({ name }) => name).join(', ') || 'no worker'}`,
    }
  },
})
