/** Finds the VMs of a cluster that a scenario means. */
import { withRole } from '../../cluster/spec.ts'
import type { Cluster, Vm, VmState } from '../../drivers/driver.ts'
import { failed } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'

export async function inState(vms: readonly Vm[], state: VmState): Promise<readonly Vm[]> {
  const states = await Promise.all(vms.map(vm => vm.state()))
  return vms.filter((_, index) => states[index] === state)
}

/** A running VM on which `kubectl` stands in for a user: a worker, else a control-plane VM. */
export async function kubectlVm(cluster: Cluster): Promise<Result<Vm>> {
  const [client] = await inState([...withRole(cluster, 'worker'), ...withRole(cluster, 'control-plane')], 'running')
  return client ? ok(client) : fail(failed('Cannot run kubectl: no worker or control-plane VM is running'))
}
