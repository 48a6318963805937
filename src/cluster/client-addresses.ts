/** Where clients and probes outside the VMs take part in a cluster's networks. */
import { clusterAddress, managementAddress } from './address.ts'
import type { ClusterSpec, Interface } from './spec.ts'

/** The host part of the machine that runs the VMs, as in xcluster; no VM has it. */
const clientNumber = 250

/** In CIDR notation, by network, of every family. */
export const clientAddresses = ({
  prefix,
}: Pick<ClusterSpec, 'prefix'>): Record<Interface['name'], readonly string[]> => ({
  eth0: [`${managementAddress(clientNumber)}/24`],
  eth1: [`${clusterAddress('IPv4', prefix, clientNumber)}/24`, `${clusterAddress('IPv6', prefix, clientNumber)}/120`],
})
