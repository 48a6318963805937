/** On which control-plane VM the process runs that holds a lease of Kubernetes' own. */
import type { Cluster, Vm } from '../drivers/driver.ts'
import { failed } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { kubectlOn } from './run-on.ts'
import { clientVm, withRole } from './select-vms.ts'

export async function leaseHolder(cluster: Cluster, lease: string, signal: AbortSignal): Promise<Result<Vm>> {
  const client = await clientVm(cluster)
  if (client === undefined) return fail(failed(`Cannot tell who holds "${lease}": no VM with kubectl is running`))
  const argv = ['--namespace=kube-system', 'get', 'lease', lease, '--output=jsonpath={.spec.holderIdentity}']
  const answer = await kubectlOn(client, argv, { timeoutMs: 10_000, signal })
  // "vm-001_8f7c…": the host's name, and a number that is new with every start.
  const holder = withRole(cluster, 'control-plane').find(vm => answer.stdout.startsWith(`${vm.spec.name}_`))
  if (holder !== undefined) return ok(holder)
  return fail(failed(`Cannot tell who holds "${lease}"`, { last: answer.reason || answer.stdout }))
}
