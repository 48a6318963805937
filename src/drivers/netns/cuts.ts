/**
 * Cuts in a cluster's network, made where frames cross the bridges. A VM's links stay up meanwhile: it must not see its
 * carrier go, just as a machine whose switch died does not. Cuts outlive a reset of the VM.
 */
import type { VmSpec } from '../../cluster/spec.ts'
import { runChecked } from '../../platform/processes/process.ts'
import { seededRandom } from '../../platform/random.ts'
import { done, type Result } from '../../platform/result.ts'
import type { Cut, Loss } from '../driver.ts'
import { inNetworkOf } from './enter.ts'
import { portsOf } from './network.ts'

/** Each cause has a table of its own, so that healing one leaves the other. */
export type Cause = 'stopped' | 'cut' | 'loss'

/** Nothing that the VM sends arrives, and nothing reaches it. */
export const silence = (holder: number, vm: VmSpec): Promise<Result<void>> =>
  replace(holder, vm, 'stopped', [sentBy(vm, 'drop'), receivedBy(vm, 'drop')])

/** `others`: everyone when absent, also the clients outside of the VMs. */
export function separate(holder: number, vm: VmSpec, { direction }: Cut, others?: readonly VmSpec[]) {
  const away = { both: ['out', 'in'], in: ['in'], out: ['out'] }[direction]
  const chains = away.map(way => {
    if (others === undefined) return way === 'out' ? sentBy(vm, 'drop') : receivedBy(vm, 'drop')
    const [from, to] = way === 'out' ? [[vm], others] : [others, [vm]]
    return `chain ${way} {
    type filter hook forward priority 0
    iifname ${set(from)} oifname ${set(to)} drop
  }`
  })
  return replace(holder, vm, 'cut', chains)
}

/** The kernel counts frames, and drops those whose number, modulo 1000, is among the drawn ones. */
export function loseFrames(holder: number, vm: VmSpec, { percent, seed }: Loss): Promise<Result<void>> {
  const [sent = '', received = ''] = drawLosses(percent, seed)
  return replace(holder, vm, 'loss', [sentBy(vm, sent), receivedBy(vm, received)])
}

const sentBy = (vm: VmSpec, verdict: string) => `chain sent {
    type filter hook prerouting priority 0
    iifname ${set([vm])} ${verdict}
  }`

const receivedBy = (vm: VmSpec, verdict: string) => `chain received {
    type filter hook postrouting priority 0
    oifname ${set([vm])} ${verdict}
  }`

const period = 1000

/** For each direction: which of a thousand frames are dropped. */
function drawLosses(percent: number, seed: number): readonly string[] {
  const random = seededRandom(seed)
  return ['sent', 'received'].map(() => {
    const numbers = Array.from({ length: period }, (_, index) => ({ index, draw: random() }))
      .toSorted((a, b) => a.draw - b.draw)
      .slice(0, Math.round((percent / 100) * period))
      .map(({ index }) => index)
    return numbers.length === 0 ? 'accept' : `numgen inc mod ${period} { ${numbers.join(', ')} } drop`
  })
}

export const restore = (holder: number, vm: VmSpec, causes: readonly Cause[]): Promise<Result<void>> =>
  nft(holder, causes.map(cause => forget(vm, cause)).join(''))

const replace = (holder: number, vm: VmSpec, cause: Cause, chains: readonly string[]): Promise<Result<void>> =>
  nft(
    holder,
    `${forget(vm, cause)}table bridge ${tableOf(vm, cause)} {\n${chains.map(chain => `  ${chain}\n`).join('')}}\n`,
  )

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
