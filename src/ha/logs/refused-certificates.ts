/** Certificates that were refused, as programs on VMs logged it: of servers and clients, of the API, kubelets and etcd's peers. */
import type { Cluster, Vm } from '../../drivers/driver.ts'

/**
 * What Go logs. Who refuses: "tls: failed to verify certificate: x509: certificate is valid for 192.168.1.1, not …". Who
 * is refused: "remote error: tls: bad certificate". What OpenSSL refuses under TLS 1.3 it sends an alert that is not
 * encrypted yet, which Go takes for a record with a wrong MAC; later on, such a record comes from a broken connection.
 */
const refusal =
  /x509: [^"\\\n]+|tls: client didn't provide a certificate|remote error: tls: [^"\\\n]*certificate|TLS handshake error from \S+: local error: tls: bad record MAC/g

interface Refused {
  readonly count: number
  /** The latest; of those that say why, where there are any. */
  readonly text: string
}

/** By VM and program, "vm-193 etcd". The logs outlive a reset. */
export type Refusals = ReadonlyMap<string, Refused>

export const refusalsOf = async (cluster: Cluster): Promise<Refusals> =>
  new Map((await Promise.all(cluster.vms.map(refusalsOn))).flat())

async function refusalsOn({ spec, logs }: Vm): Promise<readonly (readonly [string, Refused])[]> {
  const refused: (readonly [string, Refused])[] = []
  for (const name of await logs.names()) {
    const texts = [...(await logs.read(name)).matchAll(refusal)].map(([text]) => text)
    const text = texts.findLast(isReason) ?? texts.at(-1)
    if (text !== undefined) refused.push([`${spec.name} ${name}`, { count: texts.length, text: text.trim() }])
  }
  return refused
}

const isReason = (text: string): boolean => text.startsWith('x509: ')

/** In words, those that say why first; empty when there were none. */
export const refusalsBetween = (before: Refusals, after: Refusals): readonly string[] =>
  [...after]
    .map(([where, { count, text }]) => ({ where, text, more: count - (before.get(where)?.count ?? 0) }))
    .filter(({ more }) => more > 0)
    .toSorted((a, b) => Number(isReason(b.text)) - Number(isReason(a.text)))
    .map(({ where, text, more }) => `${where}: ${more} × ${text}`)
