/** On which control-plane VM the process runs that holds a lease of Kubernetes' own. */
import { leasesPath } from '../../cluster/leases.ts'
import { withRole } from '../../cluster/spec.ts'
import type { Cluster, Vm } from '../../drivers/driver.ts'
import { failed } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { objectOf } from './api-on.ts'

export interface Lease {
  readonly metadata: { readonly name: string }
  readonly spec: { readonly holderIdentity?: string; readonly renewTime?: string }
}

export async function leaseHolder(cluster: Cluster, lease: string, signal: AbortSignal): Promise<Result<Vm>> {
  const { object, reason } = await objectOf<Lease>(cluster, { path: `${leasesPath}/${lease}`, signal })
  const identity = object?.spec.holderIdentity ?? ''
  // "vm-001_8f7c…": the host's name, and a number that is new with every start.
  const holder = withRole(cluster, 'control-plane').find(vm => identity.startsWith(`${vm.spec.name}_`))
  if (holder !== undefined) return ok(holder)
  return fail(failed(`Cannot find out who holds "${lease}"`, { last: reason || `held by "${identity}"` }))
}
