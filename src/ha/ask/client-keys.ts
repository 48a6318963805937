/**
 * The keys of those who ask a cluster from outside: the administrator's and those of a client of etcd. They lie beside
 * the cluster's state on this machine, which is the administrator's; VMs get them for as long as something is asked.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { servingAuthorities } from '../../cluster/pki/certificate-plan.ts'
import { type ClientFiles, trustFiles } from '../../cluster/render/clients.ts'
import type { Cluster } from '../../drivers/driver.ts'
import { failed } from '../../platform/failure.ts'
import { ifThere } from '../../platform/files.ts'
import { fail, ok, type Result } from '../../platform/result.ts'

export interface Keys {
  /** Every authority beforehand, as clients must be told before one takes the place of the other. */
  readonly ca: string
  readonly cert: string
  readonly key: string
}

export interface ClientKeys {
  /** Of the administrator; for programs on VMs, whose authorities it trusts. */
  readonly kubeconfig?: string
  readonly admin?: Keys
  readonly etcd?: Keys
}

const fileIn = (stateDir: string): string => join(stateDir, 'client-keys.json')

/** `overlay`: the unpacked one, in which the files are. */
export function keepClientKeys(stateDir: string, overlay: string, { kubeconfig, etcd }: ClientFiles): void {
  const read = (file: string): string => readFileSync(join(overlay, file), 'utf8')
  const keys: ClientKeys = {
    ...(kubeconfig === undefined ? {} : adminOf(read(kubeconfig), read)),
    ...(etcd === undefined ? {} : { etcd: { ca: read(etcd.ca), cert: read(etcd.cert), key: read(etcd.key) } }),
  }
  writeClientKeys(stateDir, keys)
}

/** Certificate and key of the administrator in one text, as curl takes them. */
export function adminPem(cluster: Pick<Cluster, 'stateDir' | 'name'>): Result<string> {
  const keys = clientKeys(cluster)
  if (!keys.ok) return keys
  const { cert = '', key = '' } = keys.value.admin ?? {}
  return ok(cert + key)
}

export const writeClientKeys = (stateDir: string, keys: ClientKeys): void =>
  writeFileSync(fileIn(stateDir), JSON.stringify(keys), { mode: 0o600 })

function adminOf(kubeconfig: string, read: (file: string) => string): ClientKeys {
  const data = (name: string): string => {
    const [, text = ''] = new RegExp(`^ *${name}-data: (.*)$`, 'm').exec(kubeconfig) ?? []
    return Buffer.from(text, 'base64').toString('utf8')
  }
  const authorities = servingAuthorities.map(name => read(`${trustFiles.authorities}/${name}.crt`))
  return {
    kubeconfig: kubeconfig.replace(/certificate-authority-data: .*/, `certificate-authority: /${trustFiles.ca}`),
    admin: { ca: authorities.join(''), cert: data('client-certificate'), key: data('client-key') },
  }
}

/** A failure for a cluster that an earlier version of this program started. */
export function clientKeys({ stateDir, name }: Pick<Cluster, 'stateDir' | 'name'>): Result<ClientKeys> {
  const text = ifThere(() => readFileSync(fileIn(stateDir), 'utf8'))
  if (text !== undefined) return ok(JSON.parse(text))
  return fail(
    failed(`Cannot ask cluster "${name}": its keys are not in "${fileIn(stateDir)}"`, { try: 'start it again' }),
  )
}
