/** Each running apiserver by itself, past the load balancers, calls itself ready: it reaches etcd, too. */
import * as v from 'valibot'
import { apiserverUrl } from '../../../cluster/render/kubeconfig.ts'
import { withRole } from '../../../cluster/spec.ts'
import { apiOn } from '../../ask/api-on.ts'
import type { Answer } from '../../ask/run-on.ts'
import { inState } from '../../ask/select-vms.ts'
import { defineCheck } from '../check.ts'

export const apiserversReady = defineCheck({
  name: 'apiservers-ready',
  claim: 'every running apiserver is ready',
  schema: v.strictObject({}),
  timeoutMs: 60_000,
  waitsForReadiness: true,

  async observe({ cluster, signal }) {
    const running = await inState(withRole(cluster, 'control-plane'), 'running')
    const answers = await Promise.all(
      running.map(async vm => {
        const server = apiserverUrl(cluster.spec, vm.spec)
        return { vm, answer: await apiOn(vm, cluster, { path: '/readyz', server, signal }) }
      }),
    )
    const ready = answers.filter(({ answer }) => answer.ok)
    return {
      holds: running.length > 0 && ready.length === running.length,
      seen:
        answers.map(({ vm, answer }) => `${vm.spec.name} ${answer.ok ? 'ready' : unreadyParts(answer)}`).join(', ') ||
        'no control-plane VM is running',
      figure: String(ready.length),
    }
  },
})

/** "/readyz" lists everything it looked at, one "[+]name ok" or "[-]name failed" after the other. */
function unreadyParts({ stdout, reason }: Answer): string {
  const parts = [...stdout.matchAll(/\[-\](\S+)/g)].map(([, part]) => part)
  return parts.length === 0 ? reason : `not ready: ${parts.join(', ')}`
}
