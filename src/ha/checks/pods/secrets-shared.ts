/** A secret that was written through one apiserver is read through each: all of them have the keys of all. */
import { apiserverUrl } from '../../../cluster/render/kubeconfig.ts'
import type { Vm } from '../../../drivers/driver.ts'
import { now } from '../../../platform/clock.ts'
import { asAdmin, type Reply } from '../../ask/ask-many.ts'
import { type Asked, granted, wrongOf } from './asked.ts'

const secrets = '/api/v1/namespaces/default/secrets'
const nameOf = ({ spec }: Vm): string => `written-through-${spec.name}`

export async function secretsShared({ cluster, signal, apiservers, client }: Asked): Promise<readonly string[]> {
  const urlOf = (through: Vm, writer: Vm) => `${apiserverUrl(cluster.spec, through.spec)}${secrets}/${nameOf(writer)}`
  const value = Buffer.from(String(now())).toString('base64')
  const written = apiservers.map(vm => ({
    url: `${urlOf(vm, vm)}?fieldManager=k8s-ha&force=true`,
    settings: asAdmin,
    apply: { apiVersion: 'v1', kind: 'Secret', metadata: { name: nameOf(vm) }, data: { value } },
    wrong: granted(`no secret can be written through ${vm.spec.name}`),
  }))
  const read = apiservers.flatMap(writer =>
    apiservers.map(reader => {
      const what = `the secret that was written through ${writer.spec.name} cannot be read through ${reader.spec.name}`
      return { url: urlOf(reader, writer), settings: asAdmin, wrong: holding(value, what) }
    }),
  )
  const unwritten = await wrongOf(client, written, { signal, adminOf: cluster })
  return unwritten.length > 0 ? unwritten : wrongOf(client, read, { signal, adminOf: cluster })
}

const holding = (value: string, otherwise: string) => (reply: Reply) =>
  granted(otherwise)(reply) || (reply.text.includes(value) ? '' : `${otherwise}: it is another one`)
