/** Kubernetes knows every VM that should be a node, and calls each of them Ready, or all but the given number. */
import * as v from 'valibot'
import { nodes } from '../../../cluster/spec.ts'
import { objectOf } from '../../ask/api-on.ts'
import { defineCheck } from '../check.ts'

export const nodesReady = defineCheck({
  name: 'nodes-ready',
  claim: 'the nodes are Ready',
  schema: v.strictObject({
    /** How many nodes must not be Ready, no more and no fewer. */
    away: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
    /** Only those count as Ready whose kubelet has reported since the check began: others are not missed for a while. */
    reporting: v.optional(v.boolean(), false),
  }),
  timeoutMs: 120_000,
  waitsForReadiness: true,

  async observe({ cluster, signal, since }, { away, reporting }) {
    const { object, reason } = await objectOf<NodeList>(cluster, { path: '/api/v1/nodes', signal })
    if (object === undefined) return { holds: false, seen: reason }
    const conditions = new Map(
      object.items.map(({ metadata, status }) => [
        metadata.name,
        status.conditions?.find(({ type }) => type === 'Ready'),
      ]),
    )
    const isReady = (name: string): boolean => {
      const { status, lastHeartbeatTime = '' } = conditions.get(name) ?? {}
      return status === 'True' && (!reporting || Date.parse(lastHeartbeatTime) > since)
    }
    const expected = nodes(cluster.spec).map(vm => vm.name)
    const ready = expected.filter(isReady)
    const others = expected.filter(name => !ready.includes(name))
    return {
      holds: expected.every(name => conditions.has(name)) && ready.length === expected.length - away,
      seen: [
        `${ready.length} of ${expected.length} Ready`,
        ...others.map(name => `${name} ${stateOf(conditions.get(name), conditions.has(name))}`),
      ].join(', '),
      figure: String(ready.length),
    }
  },
})

const stateOf = (condition: Condition | undefined, isKnown: boolean): string =>
  condition?.status === 'True' ? 'not reporting' : isKnown ? 'not Ready' : 'unknown to the API'

interface Condition {
  readonly type: string
  readonly status: string
  readonly lastHeartbeatTime?: string
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string }
    readonly status: { readonly conditions?: readonly Condition[] }
  }[]
}
