/**
 * Sets the authorities that clients of apiservers trust, on every VM: the first and last step of replacing an
 * authority.
 */
import * as v from 'valibot'
import { servingAuthorities } from '../../cluster/pki/certificate-plan.ts'
import { failed } from '../../platform/failure.ts'
import { fail, ok } from '../../platform/result.ts'
import { runOn } from '../ask/run-on.ts'
import { inState } from '../ask/select-vms.ts'
import { defineAction } from './action.ts'

export const trustAuthorities = defineAction({
  name: 'trust-authorities',
  what: 'lets clients on every VM that runs trust these `authorities`; services know when they are started again',
  schema: v.strictObject({ authorities: v.pipe(v.array(v.picklist(servingAuthorities)), v.minLength(1)) }),

  async run({ cluster, signal }, { authorities }) {
    const running = await inState(cluster.vms, 'running')
    const argv = ['/usr/lib/k8s-ha/trust', ...authorities]
    const answers = await Promise.all(running.map(vm => runOn(vm, argv, { timeoutMs: 30_000, signal })))
    const failing = answers.findIndex(answer => !answer.ok)
    if (failing === -1) return ok(`${authorities.join(' and ')}, on ${running.length} VMs`)
    return fail(
      failed(`Cannot change the authorities that "${running[failing]?.spec.name}" trusts`, {
        last: answers[failing]?.reason ?? '',
      }),
    )
  },
})
