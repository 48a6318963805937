/** A lease of Kubernetes' own is held on a VM that runs: who was stopped while holding it has been replaced. */
import * as v from 'valibot'
import { leaseHolder } from '../../ask/lease-holder.ts'
import { defineCheck } from '../check.ts'

export const leaseHeld = defineCheck({
  name: 'lease-held',
  claim: 'the lease is held on a VM that runs',
  schema: v.strictObject({ lease: v.picklist(['kube-controller-manager', 'kube-scheduler']) }),
  timeoutMs: 60_000,

  async observe({ cluster, signal }, { lease }) {
    const holder = await leaseHolder(cluster, lease, signal)
    if (!holder.ok) return { holds: false, seen: holder.failure.last ?? holder.failure.message }
    const state = await holder.value.state()
    const { name } = holder.value.spec
    return { holds: state === 'running', seen: `${lease} is held on ${name}, which is ${state}`, figure: name }
  },
})
