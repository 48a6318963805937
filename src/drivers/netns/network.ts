/** The wires of a cluster: a bridge per network inside the cluster's namespace, a veth pair per VM and network. */
import type { VmSpec } from '../../cluster/spec.ts'
import { runChecked } from '../../platform/process.ts'
import { inNetworkOf } from './enter.ts'

const bridges = { eth0: 'xcbr0', eth1: 'xcbr1' } as const

/** The host side's name of a VM's interface. */
const port = (vm: VmSpec, network: number): string => `v${vm.id}-${network}`

export const portsOf = (vm: VmSpec): readonly string[] => vm.interfaces.map((_, network) => port(vm, network))

/** `addresses`: those by which clients outside the VMs take part in each network. */
export const createBridges = (holder: number, addresses: Readonly<Record<'eth0' | 'eth1', readonly string[]>>) =>
  ipBatch(
    holder,
    (['eth0', 'eth1'] as const).flatMap(network => [
      // Snooping would drop the multicasts of VRRP and of neighbour discovery until someone queries.
      `link add ${bridges[network]} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
      `link set ${bridges[network]} up`,
      ...addresses[network].map(
        address => `addr add ${address} dev ${bridges[network]}${address.includes(':') ? ' nodad' : ''}`,
      ),
    ]),
  )

/** Makes the veth pairs; the VM ends appear as eth0 and eth1 in the namespace of process `init`. */
export const connect = (holder: number, vm: VmSpec, init: number) =>
  ipBatch(
    holder,
    vm.interfaces.flatMap((one, network) => [
      `link add ${port(vm, network)} type veth peer name ${one.name} address ${one.mac} netns ${init}`,
      `link set ${port(vm, network)} addrgenmode none master ${bridges[one.name]} up`,
    ]),
  )

/** The pairs linger a moment in a dying namespace unless they are deleted. */
export const disconnect = (holder: number, vm: VmSpec) =>
  ipBatch(
    holder,
    portsOf(vm).map(name => `link del ${name}`),
    ['-force'],
  )

const ipBatch = (holder: number, lines: readonly string[], options: readonly string[] = []) =>
  runChecked(inNetworkOf(holder, ['ip', ...options, '-batch', '-']), { input: `${lines.join('\n')}\n` })
