/** Kubernetes knows every VM that should be a node, and calls each of them Ready, or all but the given number. */
import * as v from 'valibot'
import { nodes } from '../../cluster/spec.ts'
import { defineCheck } from '../check.ts'
import { kubectlOn } from '../run-on.ts'
import { clientVm } from '../select-vms.ts'

const format = '{range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}'

export const nodesReady = defineCheck({
  name: 'nodes-ready',
  claim: 'the nodes are Ready',
  schema: v.strictObject({
    /** How many nodes must not be Ready, no more and no fewer. */
    away: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  }),
  timeoutMs: 120_000,

  async observe({ cluster, signal }, { away }) {
    const client = await clientVm(cluster)
    if (client === undefined) return { holds: false, seen: 'no worker or control-plane VM is running' }
    const answer = await kubectlOn(client, ['get', 'nodes', `--output=jsonpath=${format}`, '--request-timeout=5s'], {
      timeoutMs: 10_000,
      signal,
    })
    if (!answer.ok) return { holds: false, seen: answer.reason }
    const status = new Map<string, string>()
    for (const line of answer.stdout.trim().split('\n')) {
      const [name = '', ready = ''] = line.split(' ')
      status.set(name, ready)
    }
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
