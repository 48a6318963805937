/** Each running apiserver by itself, past the load balancers, calls itself ready: it reaches etcd, too. */
import * as v from 'valibot'
import { hostPort } from '../../cluster/address.ts'
import { addressOf, familiesOf } from '../../cluster/spec.ts'
import { defineCheck } from '../check.ts'
import { kubectlOn } from '../run-on.ts'
import { inState, withRole } from '../select-vms.ts'

const answerTimeoutMs = 5_000

export const apiserversReady = defineCheck({
  name: 'apiservers-ready',
  claim: 'every running apiserver is ready',
  schema: v.strictObject({}),
  timeoutMs: 60_000,

  async observe({ cluster, signal }) {
    const running = await inState(withRole(cluster, 'control-plane'), 'running')
    const answers = await Promise.all(
      running.map(async vm => {
        const server = `--server=https://${hostPort(addressOf(vm.spec, familiesOf(cluster.spec)[0]), 6443)}`
        const argv = [server, 'get', '--raw=/readyz', `--request-timeout=${answerTimeoutMs}ms`]
        return { vm, answer: await kubectlOn(vm, argv, { timeoutMs: answerTimeoutMs * 2, signal }) }
      }),
    )
    const ready = answers.filter(({ answer }) => answer.ok)
    return {
      holds: running.length > 0 && ready.length === running.length,
      seen:
        answers
          .map(({ vm, answer }) => `${vm.spec.name} ${answer.ok ? 'ready' : unreadyParts(answer.reason)}`)
          .join(', ') || 'no control-plane VM is running',
      figure: String(ready.length),
    }
  },
})

/** "/readyz" lists everything it looked at, one "[+]name ok" or "[-]name failed" after the other. */
function unreadyParts(reason: string): string {
  const parts = [...reason.matchAll(/\[-\](\S+)/g)].map(([, part]) => part)
  return parts.length === 0 ? reason : `not ready: ${parts.join(', ')}`
}
