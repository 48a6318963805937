/** No pod of the test application was evicted or replaced lately. */
import * as v from 'valibot'
import { now } from '../../platform/clock.ts'
import { defineCheck } from '../check.ts'
import { kubectlOn } from '../run-on.ts'
import { clientVm } from '../select-vms.ts'

const format =
  '{range .items[*]}{.metadata.name} {.metadata.creationTimestamp} {.metadata.deletionTimestamp}{"\\n"}{end}'

export const podsStayed = defineCheck({
  name: 'pods-stayed',
  claim: 'the pods of the test application are older than that, and none is to go',
  schema: v.strictObject({
    /** Seconds. */
    for: v.optional(v.pipe(v.number(), v.minValue(1)), 60),
  }),
  timeoutMs: 10_000,

  async observe({ cluster, signal }, { for: seconds }) {
    const client = await clientVm(cluster)
    if (client === undefined) return { holds: false, seen: 'no VM with kubectl is running' }
    const argv = ['get', 'pods', '--selector=app=test-app', `--output=jsonpath=${format}`, '--request-timeout=5s']
    const answer = await kubectlOn(client, argv, { timeoutMs: 10_000, signal })
    if (!answer.ok) return { holds: false, seen: answer.reason }
    const pods = answer.stdout.split('\n').filter(Boolean)
    const moved = pods.flatMap(line => {
      const [name = '', created = '', deleted = ''] = line.split(' ')
      if (deleted !== '') return [`${name} is to go`]
      const age = Math.round((now() - Date.parse(created)) / 1000)
      return age < seconds ? [`${name} is ${age} s old`] : []
    })
    return {
      holds: pods.length > 0 && moved.length === 0,
      seen: pods.length === 0 ? 'no pods' : moved.join(', ') || `${pods.length} pods, none younger than ${seconds} s`,
    }
  },
})
