/** A client with a service-account token is served by each apiserver, called by its own address and as the service `kubernetes`. */
import { hostPort, url } from '../../../cluster/address.ts'
import { apiserverUrl } from '../../../cluster/render/kubeconfig.ts'
import { apiPort } from '../../../cluster/render/load-balancer.ts'
import { addressOf, familiesOf } from '../../../cluster/spec.ts'
import type { Vm } from '../../../drivers/driver.ts'
import { asAdmin, askMany, withToken } from '../../ask/ask-many.ts'
import { type Asked, type Expectation, granted, type Pod, wrongOf } from './asked.ts'

/** Every client with a valid token may ask for it. */
const path = '/version'
const inDefault = '/api/v1/namespaces/default'
const tokenRequest = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }

interface Token {
  /** "the pod's token", "the token that vm-001 issued" */
  readonly called: string
  readonly text: string
}

/** Stands for the token in the pod's own file, which does not leave its VM. */
const podToken: Token = { called: "the pod's token", text: '@POD_TOKEN@' }

/** By uid and address of a pod on this VM: curl in the pod's network, with the token and the authority of its volume. */
const curlAsPod = [
  'for token in /var/lib/kubelet/pods/"$1"/volumes/kubernetes.io~*/*/token; do cd "${token%/token}" || exit; done',
  'for net in /run/netns/*; do',
  '  nsenter --net="$net" ip -oneline address </dev/null | grep -qF " $2/" || continue',
  `  sed "s|${podToken.text}|$(cat token)|" | nsenter --net="$net" curl --config -`,
  '  exit',
  'done',
  'echo "no network namespace has the address $2" >&2',
  'exit 1',
].join('\n')

/** `pod`: the client; without one a client on a VM has to do. */
export async function apiForPods(asked: Asked, pod: Pod | undefined): Promise<readonly string[]> {
  const { client, signal } = asked
  const { problems, tokens, service } = await issued(asked)
  const all = pod === undefined ? tokens : [podToken, ...tokens]
  const ca = pod === undefined ? undefined : 'ca.crt'
  const expected = [...eachToken(asked, all, ca), ...(service === undefined ? [] : asService(asked, service, all, ca))]
  if (pod === undefined) return [...problems, ...(await wrongOf(client, expected, { signal }))]
  const argv = ['sh', '-c', curlAsPod, 'sh', pod.uid, pod.ip]
  return [...problems, ...(await wrongOf(pod.vm, expected, { signal, argv }))]
}

interface Issued {
  readonly problems: readonly string[]
  readonly tokens: readonly Token[]
  /** The address of the service `kubernetes`; undefined when it is not known. */
  readonly service: string | undefined
}

async function issued({ cluster, signal, apiservers, client }: Asked): Promise<Issued> {
  const at = (vm: Vm) => `${apiserverUrl(cluster.spec, vm.spec)}${inDefault}`
  const issue = apiservers.map(vm => ({
    url: `${at(vm)}/serviceaccounts/default/token`,
    settings: asAdmin,
    post: tokenRequest,
  }))
  const find = apiservers.slice(0, 1).map(vm => ({ url: `${at(vm)}/services/kubernetes`, settings: asAdmin }))
  const replies = await askMany(client, [...issue, ...find], { signal, adminOf: cluster })
  const tokens = apiservers.map(({ spec }, index) => {
    const { reason = 'no answer', text = '' } = replies[index] ?? {}
    if (reason !== '') return { problem: `${spec.name} issues no token: ${reason}` }
    const { status } = JSON.parse(text) as { readonly status: { readonly token: string } }
    return { token: { called: `the token that ${spec.name} issued`, text: status.token } }
  })
  const { reason = 'no answer', text = '' } = replies[apiservers.length] ?? {}
  const problems = tokens.flatMap(({ problem }) => problem ?? [])
  if (reason !== '') problems.push(`the service kubernetes is not known: ${reason}`)
  const service = reason === '' ? (JSON.parse(text) as { spec: { clusterIP: string } }).spec.clusterIP : undefined
  return { problems, tokens: tokens.flatMap(({ token }) => token ?? []), service }
}

const eachToken = ({ cluster, apiservers }: Asked, tokens: readonly Token[], ca?: string): readonly Expectation[] =>
  apiservers.flatMap(vm =>
    tokens.map(({ called, text }) => ({
      url: `${apiserverUrl(cluster.spec, vm.spec)}${path}`,
      settings: withToken(text, ca),
      wrong: granted(`${vm.spec.name} does not accept ${called}`),
    })),
  )

/** Each apiserver in the name of the service, by address and by name; then the one that kube-proxy chooses. */
function asService({ cluster, apiservers }: Asked, address: string, tokens: readonly Token[], ca?: string) {
  const [token] = tokens
  if (token === undefined) return []
  const settings = withToken(token.text, ca)
  const byAddress = `${url('https', address, 443)}${path}`
  const named = apiservers.flatMap(vm =>
    [byAddress, `https://kubernetes.default.svc${path}`].map(one => ({
      url: one,
      at: hostPort(addressOf(vm.spec, familiesOf(cluster.spec)[0]), apiPort),
      settings,
      wrong: granted(`${vm.spec.name} does not serve as ${new URL(one).hostname}`),
    })),
  )
  return [...named, { url: byAddress, settings, wrong: granted(`the service kubernetes at ${address} does not serve`) }]
}
