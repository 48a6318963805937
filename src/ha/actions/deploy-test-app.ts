/** The overlay's test application and its service, once all workers take pods. It does not wait until they answer. */
import * as v from 'valibot'
import { withRole } from '../../cluster/spec.ts'
import type { Cluster } from '../../drivers/driver.ts'
import { failed } from '../../platform/failure.ts'
import { poll } from '../../platform/poll.ts'
import { fail, ok } from '../../platform/result.ts'
import { objectOf } from '../ask/api-on.ts'
import { kubectlOn } from '../ask/run-on.ts'
import { inState, kubectlVm } from '../ask/select-vms.ts'
import { defineAction } from './action.ts'

const openWithinMs = 20_000
const againMs = 200

export const deployTestApp = defineAction({
  name: 'deploy-test-app',
  what: 'creates the test application and its service, when all workers take pods; done already, it changes nothing',
  schema: v.strictObject({}),

  async run({ cluster, signal }) {
    const client = await kubectlVm(cluster)
    if (!client.ok) return client
    // A worker that is a moment late would get none of its pods, which nobody moves later.
    const closed = await poll(
      () => closedWorkers(cluster, signal),
      names => names.length === 0,
      { everyMs: againMs, withinMs: openWithinMs * cluster.patience, signal },
    )
    const argv = ['apply', '--filename=/etc/k8s-ha/test-app.yaml']
    const answer = await kubectlOn(cluster, client.value, argv, { timeoutMs: 30_000, signal })
    if (!answer.ok) return fail(failed('Cannot deploy the test application', { last: answer.reason }))
    const without = closed.length === 0 ? [] : [`${closed.join(', ')} took no pods yet`]
    return ok([...answer.stdout.trim().split('\n'), ...without].join(', '))
  },
})

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string }
    readonly spec?: { readonly taints?: readonly { readonly effect: string }[] }
  }[]
}

/** Running workers that are no nodes yet, or are tainted, as each node is until it is Ready. */
async function closedWorkers(cluster: Cluster, signal: AbortSignal): Promise<readonly string[]> {
  const workers = (await inState(withRole(cluster, 'worker'), 'running')).map(({ spec }) => spec.name)
  const { object } = await objectOf<NodeList>(cluster, { path: '/api/v1/nodes', signal })
  const open = (object?.items ?? []).filter(
    ({ spec }) => !(spec?.taints ?? []).some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute'),
  )
  return workers.filter(name => !open.some(({ metadata }) => metadata.name === name))
}
