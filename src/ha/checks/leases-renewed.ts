/** Controller-manager and scheduler each have a leader that works: it has renewed its lease since the check began. */
import * as v from 'valibot'
import { defineCheck } from '../check.ts'
import { leases } from '../probes/agent/protocol.ts'
import { kubectlOn } from '../run-on.ts'
import { clientVm } from '../select-vms.ts'

const format = '{range .items[*]}{.metadata.name} {.spec.holderIdentity} {.spec.renewTime}{"\\n"}{end}'

export const leasesRenewed = defineCheck({
  name: 'leases-renewed',
  claim: 'the leading controller-manager and the leading scheduler renew their leases',
  schema: v.strictObject({}),
  timeoutMs: 60_000,

  async observe({ cluster, signal, since }) {
    const client = await clientVm(cluster)
    if (client === undefined) return { holds: false, seen: 'no worker or control-plane VM is running' }
    const argv = ['--namespace=kube-system', 'get', 'lease', ...leases, `--output=jsonpath=${format}`]
    const answer = await kubectlOn(client, argv, { timeoutMs: 10_000, signal })
    const found = new Map(
      answer.stdout.split('\n').map(line => [line.split(' ')[0], line.split(' ').slice(1)] as const),
    )
    const seen = leases.map(lease => {
      const [holder = '', renewed = ''] = found.get(lease) ?? []
      const agoMs = Date.parse(renewed) - since
      return {
        holds: agoMs > 0,
        text: `${lease} on ${holder.replace(/_.*/, '') || 'nobody'}${agoMs > 0 ? '' : ', not renewed since'}`,
      }
    })
    return {
      holds: seen.every(one => one.holds),
      seen: answer.ok ? seen.map(one => one.text).join('; ') : answer.reason,
    }
  },
})
