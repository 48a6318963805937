/** The service `kubernetes` leads to the apiservers that run and to no other, on every node as well as in the API. */
import * as v from 'valibot'
import { traitsOf } from '../../../cluster/kubernetes/versions.ts'
import { addressOf, type ClusterSpec, familiesOf, withRole } from '../../../cluster/spec.ts'
import { objectOf } from '../../ask/api-on.ts'
import { kubernetesEndpoints } from '../../ask/kubernetes-endpoints.ts'
import { inState } from '../../ask/select-vms.ts'
import { apiserversInRules } from '../../ask/service-rules.ts'
import { type CheckContext, defineCheck } from '../check.ts'

export const endpointsFollow = defineCheck({
  name: 'endpoints-follow',
  claim: 'the service "kubernetes" leads to the running apiservers only, and kube-proxy knows',
  schema: v.strictObject({}),
  // The lease of an apiserver's endpoint is 15 s, looked at every 10 s.
  timeoutMs: 30_000,

  async observe(context) {
    const { cluster, signal } = context
    const [family] = familiesOf(cluster.spec)
    const running = await inState(withRole(cluster, 'control-plane'), 'running')
    const expected = running.map(vm => addressOf(vm.spec, family)).sort()
    const { addresses, reason } = await kubernetesEndpoints(cluster, { timeoutMs: 3_000, signal })
    if (addresses === undefined) return { holds: false, seen: reason }
    const endpoints = addresses.toSorted()
    const slices = await objectOf<EndpointSlices>(cluster, { path: slicesPath(cluster.spec), timeoutMs: 3_000, signal })
    if (slices.object === undefined) return { holds: false, seen: slices.reason }
    const sliced = (slices.object.items ?? [])
      .flatMap(slice => (slice.endpoints ?? []).flatMap(({ addresses }) => addresses))
      .sort()
    const behind = await nodesBehind(context, expected)
    const isSame = sliced.join() === endpoints.join()
    return {
      holds: endpoints.join() === expected.join() && isSame && behind.length === 0,
      seen: [
        `endpoints ${endpoints.join(', ')}`,
        ...(isSame ? [] : [`endpoint slices ${sliced.join(', ') || 'empty'}`]),
        ...behind,
      ].join('; '),
      figure: String(endpoints.length),
    }
  },
})

/** What replaces Endpoints, and what kube-proxy reads. */
const slicesPath = ({ kubernetes }: ClusterSpec): string => {
  const { endpointSliceApi } = traitsOf(kubernetes)
  return `/apis/${endpointSliceApi}/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name%3Dkubernetes`
}

interface EndpointSlices {
  readonly items?: readonly { readonly endpoints?: readonly { readonly addresses: readonly string[] }[] | null }[]
}

/** Workers whose kube-proxy sends the service's connections elsewhere. */
async function nodesBehind({ cluster, signal }: CheckContext, expected: readonly string[]): Promise<readonly string[]> {
  const [family] = familiesOf(cluster.spec)
  const workers = await inState(withRole(cluster, 'worker'), 'running')
  const seen = await Promise.all(
    workers.map(async vm => {
      const to = await apiserversInRules(vm, { mode: cluster.spec.kubeProxy, family, signal })
      return to.join() === expected.join() ? [] : [`${vm.spec.name} sends to ${to.join(', ') || 'nobody'}`]
    }),
  )
  return seen.flat()
}
