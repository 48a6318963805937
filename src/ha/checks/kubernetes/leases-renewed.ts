/** Controller-manager and scheduler each have a leader that works: it has renewed its lease since the check began. */
import * as v from 'valibot'
import { leases, leasesPath } from '../../../cluster/leases.ts'
import { objectOf } from '../../ask/api-on.ts'
import type { Lease } from '../../ask/lease-holder.ts'
import { defineCheck } from '../check.ts'

export const leasesRenewed = defineCheck({
  name: 'leases-renewed',
  claim: 'the leading controller-manager and the leading scheduler renew their leases',
  schema: v.strictObject({}),
  timeoutMs: 60_000,
  waitsForReadiness: true,

  async observe({ cluster, signal, since }) {
    const { object, reason } = await objectOf<{ readonly items: readonly Lease[] }>(cluster, {
      path: leasesPath,
      signal,
    })
    if (object === undefined) return { holds: false, seen: reason }
    const seen = leases.map(lease => {
      const found = object.items.find(({ metadata }) => metadata.name === lease)?.spec
      const { holderIdentity: holder = '', renewTime: renewed = '' } = found ?? {}
      const agoMs = Date.parse(renewed) - since
      return {
        holds: agoMs > 0,
        text: `${lease} on ${holder.replace(/_.*/, '') || 'nobody'}${agoMs > 0 ? '' : ', not renewed since'}`,
      }
    })
    return { holds: seen.every(one => one.holds), seen: seen.map(one => one.text).join('; ') }
  },
})
