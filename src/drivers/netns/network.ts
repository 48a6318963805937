/** The wires of a cluster: a bridge per network inside the cluster's namespace, a veth pair per VM and network. */
import type { Interface, VmSpec } from '../../cluster/spec.ts'
import { runChecked } from '../../platform/processes/process.ts'
import { inNetworkOf } from './enter.ts'

const bridges = { eth0: 'xcbr0', eth1: 'xcbr1' } as const

/** The host side's name of a VM's interface. */
const port = (vm: VmSpec, network: number): string => `v${vm.id}-${network}`

export const portsOf = (vm: VmSpec): readonly string[] => vm.interfaces.map((_, network) => port(vm, network))

/** `clients`: by which those outside the VMs take part in each network. */
export const createBridges = (holder: number, clients: readonly Interface[]) =>
  ipBatch(
    holder,
    clients.flatMap(({ name, mac, addresses }) => [
      // Snooping would drop the multicasts of VRRP and of neighbour discovery until someone queries.
      // Without a MAC address of its own a bridge takes the lowest of its ports, another one whenever a VM is reset: then
      // nobody's answers reach the clients until the VMs have given up the old one, which takes half a minute.
      `link add ${bridges[name]} address ${mac} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
      `link set ${bridges[name]} up`,
      ...addresses.map(address => `addr add ${address} dev ${bridges[name]}${address.includes(':') ? ' nodad' : ''}`),
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
