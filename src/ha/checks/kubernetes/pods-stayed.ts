/** No pod of the test application was evicted or replaced lately. */
import * as v from 'valibot'
import { now } from '../../../platform/clock.ts'
import { objectOf } from '../../ask/api-on.ts'
import { defineCheck } from '../check.ts'

const path = '/api/v1/namespaces/default/pods?labelSelector=app%3Dtest-app'

interface PodList {
  readonly items: readonly {
    readonly metadata: {
      readonly name: string
      readonly creationTimestamp: string
      readonly deletionTimestamp?: string
    }
  }[]
}

export const podsStayed = defineCheck({
  name: 'pods-stayed',
  claim: 'the pods of the test application are older than that, and none is to go',
  schema: v.strictObject({
    /** Seconds. */
    for: v.optional(v.pipe(v.number(), v.minValue(1)), 60),
  }),
  timeoutMs: 10_000,

  async observe({ cluster, signal }, { for: seconds }) {
    const { object, reason } = await objectOf<PodList>(cluster, { path, signal })
    if (object === undefined) return { holds: false, seen: reason }
    const pods = object.items
    const moved = pods.flatMap(({ metadata: { name, creationTimestamp, deletionTimestamp } }) => {
      if (deletionTimestamp !== undefined) return [`${name} is to go`]
      const age = Math.round((now() - Date.parse(creationTimestamp)) / 1000)
      return age < seconds ? [`${name} is ${age} s old`] : []
    })
    return {
      holds: pods.length > 0 && moved.length === 0,
      seen: pods.length === 0 ? 'no pods' : moved.join(', ') || `${pods.length} pods, none younger than ${seconds} s`,
    }
  },
})
