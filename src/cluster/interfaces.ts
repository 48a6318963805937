/** What takes part in a cluster's networks, with its addresses: VMs, and the clients and probes outside of them. */
import { clusterAddress, managementAddress } from './address.ts'
import type { ClusterSpec, Interface } from './spec.ts'

/** The number of the machine that runs the VMs, as in xcluster; no VM has it. */
const clientNumber = 250

export const clientInterfaces = ({ prefix }: Pick<ClusterSpec, 'prefix'>): readonly Interface[] =>
  interfacesOf(clientNumber, prefix)

export function interfacesOf(id: number, prefix: string): readonly Interface[] {
  const mac = (network: number) =>
    `00:00:00:01:${network.toString(16).padStart(2, '0')}:${id.toString(16).padStart(2, '0')}`
  return [
    { name: 'eth0', mac: mac(0), addresses: [`${managementAddress(id)}/24`] },
    {
      name: 'eth1',
      mac: mac(1),
      addresses: [`${clusterAddress('IPv4', prefix, id)}/24`, `${clusterAddress('IPv6', prefix, id)}/120`],
    },
  ]
}
