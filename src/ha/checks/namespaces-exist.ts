/** The namespaces that the apiserver itself makes are there: it can write to etcd. */
import * as v from 'valibot'
import { defineCheck } from '../check.ts'
import { kubectlOn } from '../run-on.ts'
import { clientVm } from '../select-vms.ts'

const expected = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

export const namespacesExist = defineCheck({
  name: 'namespaces-exist',
  claim: "Kubernetes' own namespaces exist",
  schema: v.strictObject({}),
  timeoutMs: 90_000,

  async observe({ cluster, signal }) {
    const client = await clientVm(cluster)
    if (client === undefined) return { holds: false, seen: 'no worker or control-plane VM is running' }
    const answer = await kubectlOn(client, ['get', 'namespaces', '--output=name', '--request-timeout=5s'], {
      timeoutMs: 10_000,
      signal,
    })
    const found = answer.stdout
      .split('\n')
      .filter(Boolean)
      .map(line => line.replace('namespace/', ''))
    const missing = expected.filter(name => !found.includes(name))
    if (!answer.ok) return { holds: false, seen: answer.reason }
    return { holds: missing.length === 0, seen: missing.length === 0 ? found.join(', ') : `no ${missing.join(', ')}` }
  },
})
