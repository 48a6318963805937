/** Labels and taints the control-plane nodes as the ancestor does, so that pods stay on the workers. */
import * as v from 'valibot'
import { withRole } from '../../cluster/spec.ts'
import { failed } from '../../platform/failure.ts'
import { fail, ok } from '../../platform/result.ts'
import { kubectlOn } from '../ask/run-on.ts'
import { kubectlVm } from '../ask/select-vms.ts'
import { defineAction } from './action.ts'

const role = 'node-role.kubernetes.io/control-plane'

export const labelControlPlane = defineAction({
  name: 'label-control-plane',
  what: 'labels and taints the control-plane nodes',
  schema: v.strictObject({}),

  async run({ cluster, signal }) {
    const names = withRole(cluster, 'control-plane').map(vm => vm.spec.name)
    const client = await kubectlVm(cluster)
    if (!client.ok) return client
    for (const change of [
      ['label', 'nodes', ...names, `${role}=`],
      ['taint', 'nodes', ...names, `${role}=:NoSchedule`],
    ]) {
      const answer = await kubectlOn(cluster, client.value, [...change, '--overwrite'], { timeoutMs: 30_000, signal })
      if (!answer.ok) return fail(failed('Cannot label the control-plane nodes', { last: answer.reason }))
    }
    return ok(`${names.join(', ')} labelled and tainted ${role}`)
  },
})
