/**
 * Cuts in a cluster's network, made where frames cross the bridges. A VM's links stay up meanwhile: it must not see its
 * carrier go, just as a machine whose switch died does not. Cuts outlive a reset of the VM.
 */
import type { VmSpec } from '../../cluster/spec.ts'
import { runChecked } from '../../platform/process.ts'
import { done, type Result } from '../../platform/result.ts'
import { inNetworkOf } from './enter.ts'
import { portsOf } from './network.ts'

/** Each cause has a table of its own, so that healing one leaves the other. */
export type Cause = 'stopped' | 'isolated' | 'cut'

/** Nothing that the VM sends arrives, and nothing reaches it. */
export const silence = (holder: number, vm: VmSpec, cause: Cause): Promise<Result<void>> =>
  nft(
    holder,
    `${forget(vm, cause)}table bridge ${tableOf(vm, cause)} {
  chain sent { type filter hook prerouting priority 0; iifname ${set([vm])} drop; }
  chain received { type filter hook postrouting priority 0; oifname ${set([vm])} drop; }
}
`,
  )

/** Nothing passes between the VM and the others, in either direction. */
export const separate = (holder: number, vm: VmSpec, others: readonly VmSpec[]): Promise<Result<void>> =>
  nft(
    holder,
    `${forget(vm, 'cut')}table bridge ${tableOf(vm, 'cut')} {
  chain forward {
    type filter hook forward priority 0
    iifname ${set([vm])} oifname ${set(others)} drop
    iifname ${set(others)} oifname ${set([vm])} drop
  }
}
`,
  )

export const restore = (holder: number, vm: VmSpec, causes: readonly Cause[]): Promise<Result<void>> =>
  nft(holder, causes.map(cause => forget(vm, cause)).join(''))

const tableOf = (vm: VmSpec, cause: Cause) => `${cause}-${vm.id}`

const set = (vms: readonly VmSpec[]) =>
  `{ ${vms
    .flatMap(portsOf)
    .map(port => `"${port}"`)
    .join(', ')} }`

/** nft deletes only what is there, so the table is made first. */
const forget = (vm: VmSpec, cause: Cause) =>
  `table bridge ${tableOf(vm, cause)}\ndelete table bridge ${tableOf(vm, cause)}\n`

async function nft(holder: number, input: string): Promise<Result<void>> {
  const result = await runChecked(inNetworkOf(holder, ['nft', '-f', '-']), { input })
  return result.ok ? done : result
}
