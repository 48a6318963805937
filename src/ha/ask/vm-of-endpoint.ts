/** The VM behind an etcd endpoint: "https://[fd00::c0a8:1c1]:2379", "https://192.168.1.193:2379". */
import type { Vm } from '../../drivers/driver.ts'

export const hostOfEndpoint = (endpoint: string): string =>
  endpoint
    .replace(/^https?:\/\//, '')
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')

export const vmOfEndpoint = (endpoint: string, vms: readonly Vm[]): Vm | undefined =>
  vms.find(({ spec }) =>
    spec.interfaces.some(({ addresses }) =>
      addresses.some(address => address.startsWith(`${hostOfEndpoint(endpoint)}/`)),
    ),
  )
