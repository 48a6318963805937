/** Pods reach the pods of every node, by each of their addresses, and the service that leads to them. */
import * as v from 'valibot'
import { hostPort } from '../../../cluster/address.ts'
import { objectOf } from '../../ask/api-on.ts'
import { kubectlOn } from '../../ask/run-on.ts'
import { kubectlVm } from '../../ask/select-vms.ts'
import { type CheckContext, defineCheck } from '../check.ts'

const podsPath = '/api/v1/namespaces/default/pods?labelSelector=app%3Dtest-app'
const servicePath = '/api/v1/namespaces/default/services/test-app'
const podPort = 8080
const servicePort = 80
/** Each lands on a pod that the node's kube-proxy chooses: most likely not always on the same node. */
const askedOfService = 4
const shownFailures = 3
const askedForS = 2

/**
 * With a limit of seconds: prints each URL and the answer to it, which is the name of the pod that gave it. The limit
 * that wget has itself makes that of busybox 1.35 crash.
 */
const askEach = [
  'b=/bin/busybox; limit=$1; shift',
  'for url in "$@"; do echo "$url $($b timeout "$limit" $b wget -q -O - "$url" 2>&1 | $b head -n 1)"; done',
].join('; ')

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
  readonly spec: { readonly nodeName?: string }
  readonly status: { readonly phase: string; readonly podIPs?: readonly { readonly ip: string }[] }
}
interface Service {
  readonly spec: { readonly clusterIP: string; readonly clusterIPs?: readonly string[] }
}

interface Question {
  readonly url: string
  /** "10.244.3.2 on vm-003", as messages call it. */
  readonly of: string
  /** The pods of which one has to answer. */
  readonly by: readonly string[]
}

export const podsConnected = defineCheck({
  name: 'pods-connected',
  claim: 'the pods of the test application reach each other, and their service',
  schema: v.strictObject({}),
  timeoutMs: 60_000,

  async observe(context) {
    const { cluster, signal } = context
    const listed = await objectOf<{ readonly items: readonly Pod[] }>(cluster, { path: podsPath, signal })
    if (listed.object === undefined) return { holds: false, seen: listed.reason }
    const { object: service, reason } = await objectOf<Service>(cluster, { path: servicePath, signal })
    if (service === undefined) return { holds: false, seen: reason }
    const wanted = listed.object.items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    const pods = wanted.filter(({ status }) => status.phase === 'Running' && (status.podIPs ?? []).length > 0)
    if (pods.length === 0 || pods.length < wanted.length)
      return { holds: false, seen: `${pods.length} of ${wanted.length} pods run` }
    const nodes = [...new Set(pods.map(nodeOf))].sort()
    const questions = questionsTo(pods, service)
    const failures: string[] = []
    for (const node of nodes) failures.push(...(await failuresFrom(node, pods, questions, context)))
    const more = failures.length > shownFailures ? [`${failures.length - shownFailures} more`] : []
    const what = `${pods.length} pods on ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`
    return {
      holds: failures.length === 0,
      seen: failures.length === 0 ? what : [...failures.slice(0, shownFailures), ...more].join('; '),
      figure: String(nodes.length),
    }
  },
})

const nodeOf = ({ spec }: Pod): string => spec.nodeName ?? ''

function questionsTo(pods: readonly Pod[], { spec }: Service): readonly Question[] {
  const toPods = pods.flatMap(pod =>
    (pod.status.podIPs ?? []).map(({ ip }) => ({
      url: `http://${hostPort(ip, podPort)}/`,
      of: `${ip} on ${nodeOf(pod)}`,
      by: [pod.metadata.name],
    })),
  )
  const toService = (spec.clusterIPs ?? [spec.clusterIP]).flatMap(ip =>
    Array.from({ length: askedOfService }, () => ({
      url: `http://${hostPort(ip, servicePort)}/`,
      of: `the service at ${ip}`,
      by: pods.map(({ metadata }) => metadata.name),
    })),
  )
  return [...toPods, ...toService]
}

/** What a pod of that node, and so the node, does not reach. */
async function failuresFrom(
  node: string,
  pods: readonly Pod[],
  questions: readonly Question[],
  { cluster, signal }: CheckContext,
): Promise<readonly string[]> {
  const asking = pods.find(pod => nodeOf(pod) === node)?.metadata.name ?? ''
  const client = await kubectlVm(cluster)
  if (!client.ok) return [client.failure.message]
  const script = [
    '/bin/busybox',
    'sh',
    '-c',
    askEach,
    'sh',
    `${askedForS * cluster.patience}`,
    ...questions.map(({ url }) => url),
  ]
  const { ok, stdout, reason } = await kubectlOn(cluster, client.value, ['exec', asking, '--', ...script], {
    timeoutMs: 10_000 + questions.length * (askedForS * 1000 + 500),
    signal,
  })
  if (!ok) return [`cannot ask in ${asking} on ${node}: ${reason}`]
  const answers = stdout.split('\n').map(line => line.slice(line.indexOf(' ') + 1))
  return questions.flatMap(({ of, by }, index) => {
    const answer = answers[index] ?? ''
    return by.includes(answer) ? [] : [`${node} does not reach ${of}: ${answer || 'no answer'}`]
  })
}
