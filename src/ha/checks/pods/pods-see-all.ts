/** Every apiserver serves pods alike: their tokens, secrets, logs, and the service `kubernetes` that they know it by. */
import * as v from 'valibot'
import { withRole } from '../../../cluster/spec.ts'
import { objectOf } from '../../ask/api-on.ts'
import { inState, kubectlVm } from '../../ask/select-vms.ts'
import { type CheckContext, defineCheck } from '../check.ts'
import { apiForPods } from './api-for-pods.ts'
import type { Pod } from './asked.ts'
import { podsReached } from './pods-reached.ts'
import { secretsShared } from './secrets-shared.ts'

export const podsSeeAll = defineCheck({
  name: 'pods-see-all',
  claim: 'every apiserver serves pods, accepts all tokens, reads all secrets, and reaches pods for logs and exec',
  schema: v.strictObject({}),
  timeoutMs: 60_000,
  waitsForReadiness: true,

  async observe(context) {
    const { cluster, signal } = context
    const apiservers = await inState(withRole(cluster, 'control-plane'), 'running')
    const client = await kubectlVm(cluster)
    if (!client.ok) return { holds: false, seen: client.failure.message }
    if (apiservers.length === 0) return { holds: false, seen: 'no control-plane VM is running' }
    const asked = { cluster, signal, apiservers, client: client.value }
    const { pods, lack, isLacking } = await podsOnNodes(context)
    const problems = [
      ...(await secretsShared(asked)),
      ...(await apiForPods(asked, pods[0])),
      ...(pods.length > 0 ? await podsReached(asked, pods) : []),
      ...(isLacking ? [lack] : []),
    ]
    const count = apiservers.length === 1 ? '1 apiserver' : `${apiservers.length} apiservers`
    const asking =
      pods[0] === undefined ? `client on ${client.value.spec.name} (${lack})` : `pod on ${pods[0].vm.spec.name}`
    return {
      holds: problems.length === 0,
      seen: problems.length === 0 ? `${count} for a ${asking}` : problems.join('; '),
      figure: String(apiservers.length),
    }
  },
})

interface PodObject {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string }
  readonly spec: { readonly nodeName?: string }
  readonly status: {
    readonly podIP?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
}

interface Pods {
  /** One on each node that has any. */
  readonly pods: readonly Pod[]
  /** Why there is none. */
  readonly lack: string
  /** There ought to be one. */
  readonly isLacking: boolean
}

const podsPath = '/api/v1/namespaces/default/pods?labelSelector=app%3Dtest-app'

/** Of the test application. */
async function podsOnNodes({ cluster, signal }: CheckContext): Promise<Pods> {
  const none = { pods: [], isLacking: false }
  if (withRole(cluster, 'worker').length === 0) return { ...none, lack: 'there is no worker, and so no pod' }
  const { object, reason } = await objectOf<{ items: readonly PodObject[] }>(cluster, { path: podsPath, signal })
  if (object === undefined) return { ...none, lack: `the pods are not known: ${reason}`, isLacking: true }
  if (object.items.length === 0) return { ...none, lack: 'the test application was not deployed' }
  const ready = object.items.flatMap(({ metadata, spec, status }): readonly Pod[] => {
    const vm = cluster.vms.find(one => one.spec.name === spec.nodeName)
    const isReady = status.conditions?.some(one => one.type === 'Ready' && one.status === 'True')
    if (vm === undefined || !isReady || status.podIP === undefined || metadata.deletionTimestamp) return []
    return [{ name: metadata.name, uid: metadata.uid, ip: status.podIP, vm }]
  })
  const pods = [...new Map(ready.map(pod => [pod.vm.spec.name, pod])).values()]
  const lack = `none of ${object.items.length} pods of the test application is ready`
  return { pods, lack, isLacking: pods.length === 0 }
}
