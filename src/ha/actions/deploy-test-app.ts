/** The overlay's test application and its service. It does not wait until they answer. */
import * as v from 'valibot'
import { failed } from '../../platform/failure.ts'
import { fail, ok } from '../../platform/result.ts'
import { kubectlOn } from '../ask/run-on.ts'
import { kubectlVm } from '../ask/select-vms.ts'
import { defineAction } from './action.ts'

export const deployTestApp = defineAction({
  name: 'deploy-test-app',
  what: 'creates the test application and its service; done already, it changes nothing',
  schema: v.strictObject({}),

  async run({ cluster, signal }) {
    const client = await kubectlVm(cluster)
    if (!client.ok) return client
    const argv = ['apply', '--filename=/etc/k8s-ha/test-app.yaml']
    const answer = await kubectlOn(client.value, argv, { timeoutMs: 30_000, signal })
    if (!answer.ok) return fail(failed('Cannot deploy the test application', { last: answer.reason }))
    return ok(answer.stdout.trim().split('\n').join(', '))
  },
})
