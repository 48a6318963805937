/** Addresses as text: the plan of 192.168.0.N and 192.168.1.N, canonical IPv6, and where brackets belong. */
import { isIP } from 'node:net'

export type IpFamily = 'IPv4' | 'IPv6'

export const ipFamily = (address: string): IpFamily => (address.includes(':') ? 'IPv6' : 'IPv4')

/** The form that `ip` prints: compressed, lower case, no dotted part. Undefined when it is no IPv6 address. */
export function canonicalIpv6(text: string): string | undefined {
  if (isIP(text) !== 6 || text.includes('%')) return undefined
  return new URL(`http://[${text}]/`).hostname.slice(1, -1)
}

/** "fd00::c0a8:1c1:2379" is ambiguous, and "[192.168.1.193]:2379" is refused: brackets for IPv6 and only there. */
export const hostPort = (address: string, port: number): string =>
  ipFamily(address) === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`

export const url = (scheme: 'http' | 'https', address: string, port: number): string =>
  `${scheme}://${hostPort(address, port)}`

/** An address that stands for every address of its family. */
export const anyAddress = (family: IpFamily): string => (family === 'IPv6' ? '::' : '0.0.0.0')

export const loopback = (family: IpFamily): string => (family === 'IPv6' ? '::1' : '127.0.0.1')

/** The prefix of one single address: "/128" or "/32". */
export const hostLength = (address: string): number => (ipFamily(address) === 'IPv6' ? 128 : 32)

/** An IPv4 address embedded into an IPv6 prefix: ("fd00::", "192.168.1.193") → "fd00::c0a8:1c1". */
export function embed(prefix: string, ipv4: string): string {
  const address = canonicalIpv6(`${prefix}${ipv4}`)
  if (address === undefined) throw new Error(`not an IPv6 prefix: ${prefix}`)
  return address
}

/** A VM's address on the cluster's network (eth1). */
export const clusterAddress = (family: IpFamily, prefix: string, id: number): string =>
  family === 'IPv6' ? embed(prefix, `192.168.1.${id}`) : `192.168.1.${id}`

/** A VM's address on the management network (eth0). */
export const managementAddress = (id: number): string => `192.168.0.${id}`

/**
 * "fd00::" from what users write: "fd00::", and as the ancestor's PREFIX, which a colon follows: "fd00:", "1000::1".
 * Undefined when no IPv4 address can follow it.
 */
export function normalizePrefix(text: string): string | undefined {
  return [text, `${text}:`].find(prefix => canonicalIpv6(`${prefix}192.168.1.1`) !== undefined)
}
