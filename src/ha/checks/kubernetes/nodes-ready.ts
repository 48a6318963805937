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
  }),
  timeoutMs: 120_000,
  waitsForReadiness: true,

  async observe({ cluster, signal }, { away }) {
    const { object, reason } = await objectOf<NodeList>(cluster, { path: '/api/v1/nodes', signal })
    if (object === undefined) return { holds: false, seen: reason }
    const status = new Map(
      object.items.map(node => [
        node.metadata.name,
        node.status.conditions?.find(({ type }) => type === 'Ready')?.status,
      ]),
    )
    const expected = nodes(cluster.spec).map(vm => vm.name)
    const ready = expected.filter(name => status.get(name) === 'True')
    const others = expected.filter(name => !ready.includes(name))
    return {
      holds: expected.every(name => status.has(name)) && ready.length === expected.length - away,
      seen: [
        `${ready.length} of ${expected.length} Ready`,
        ...others.map(name => `${name} ${status.has(name) ? 'not Ready' : 'unknown to the API'}`),
      ].join(', '),
      figure: String(ready.length),
    }
  },
})

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string }
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
  }[]
}
