/** Clients that refused an apiserver's certificate, as the apiservers logged it: kubelets, haproxy, kubectl … */
import { withRole } from '../../cluster/spec.ts'
import type { Cluster, Vm } from '../../drivers/driver.ts'

/**
 * "… http: TLS handshake error from 192.168.1.3:36208: remote error: tls: bad certificate". What OpenSSL refuses under
 * TLS 1.3 it sends an alert that is not encrypted yet, which Go takes for a record with a wrong MAC.
 */
const refusal = /TLS handshake error from \S+: (remote error: tls: [^\n]*certificate|local error: tls: bad record MAC)/g

/** By the VM of the apiserver: how many. The logs outlive a reset. */
export type Refusals = ReadonlyMap<string, number>

export const refusalsOf = async (cluster: Cluster): Promise<Refusals> =>
  new Map(await Promise.all(withRole(cluster, 'control-plane').map(refusalsOn)))

async function refusalsOn({ spec, logs }: Vm): Promise<readonly [string, number]> {
  return [spec.name, [...(await logs.read('kube-apiserver')).matchAll(refusal)].length]
}

/** In words; empty when there were none. */
export const refusalsBetween = (before: Refusals, after: Refusals): readonly string[] =>
  [...after].flatMap(([vm, count]) => {
    const more = count - (before.get(vm) ?? 0)
    return more > 0 ? [`${more} × the certificate of ${vm}`] : []
  })
