/** The namespaces that the apiserver itself makes are there: it can write to etcd. */
import * as v from 'valibot'
import { objectOf } from '../../ask/api-on.ts'
import { defineCheck } from '../check.ts'

const expected = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

interface NamespaceList {
  readonly items: readonly { readonly metadata: { readonly name: string } }[]
}

export const namespacesExist = defineCheck({
  name: 'namespaces-exist',
  claim: "Kubernetes' own namespaces exist",
  schema: v.strictObject({}),
  timeoutMs: 90_000,
  waitsForReadiness: true,

  async observe({ cluster, signal }) {
    const { object, reason } = await objectOf<NamespaceList>(cluster, { path: '/api/v1/namespaces', signal })
    if (object === undefined) return { holds: false, seen: reason }
    const found = object.items.map(({ metadata }) => metadata.name)
    const missing = expected.filter(name => !found.includes(name))
    return { holds: missing.length === 0, seen: missing.length === 0 ? found.join(', ') : `no ${missing.join(', ')}` }
  },
})
