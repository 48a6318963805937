/** What makes a cluster redundant, claim by claim: each names what is missing. All are asked of the running programs. */
import { vmDir } from '../../cluster/render/vm-folder.ts'
import { addressOf, type ClusterSpec, familiesOf, hasRole, withRole } from '../../cluster/spec.ts'
import type { Vm } from '../../drivers/driver.ts'
import { apiserverFlags } from '../ask/apiserver-flags.ts'
import { haproxyServers } from '../ask/haproxy-servers.ts'
import { kubernetesEndpoints } from '../ask/kubernetes-endpoints.ts'
import { inTurn, runOn } from '../ask/run-on.ts'
import { inState } from '../ask/select-vms.ts'
import { hostOfEndpoint } from '../ask/vm-of-endpoint.ts'
import type { CheckContext } from './check.ts'

/** What is missing, in words; empty when nothing is. */
type Claim = (context: CheckContext) => Promise<readonly string[]>

const timeoutMs = 5_000

/** Each load balancer finds every apiserver that runs alive: one that knows some of them only is no second one. */
const balancersKnowApiservers: Claim = async ({ cluster, signal }) => {
  const apiservers = await inState(withRole(cluster, 'control-plane'), 'running')
  const balancers = await inState(withRole(cluster, 'load-balancer'), 'running')
  const missing = await inTurn(balancers, async vm => {
    const { servers, answer } = await haproxyServers(vm, signal)
    if (!answer.ok) return [`${vm.spec.name}: haproxy does not answer: ${answer.reason}`]
    const up = servers.filter(({ status }) => status.startsWith('UP')).map(({ address }) => hostOfEndpoint(address))
    return apiservers
      .filter(({ spec }) => !up.includes(addressOf(spec, familiesOf(cluster.spec)[0])))
      .map(({ spec }) => `${vm.spec.name}: haproxy has no server that is up for ${spec.name}`)
  })
  return missing.flat()
}

/** Each apiserver knows every etcd member: with its own one only, it fails with it. All know the addresses of services. */
const apiserversAreAlike: Claim = async ({ cluster, signal }) => {
  const apiservers = await apiserverFlags(cluster, signal)
  const missing = apiservers.flatMap(({ vm, reason, flag }) => {
    if (reason !== '') return [`${vm}: kube-apiserver does not run: ${reason}`]
    const known = flag('etcd-servers').split(',').map(hostOfEndpoint)
    return withRole(cluster, 'etcd')
      .filter(({ spec }) => !known.includes(addressOf(spec, cluster.spec.etcdFamily)))
      .map(({ spec }) => `${vm}: kube-apiserver does not know etcd on ${spec.name}`)
  })
  const ranges = apiservers
    .filter(({ reason }) => reason === '')
    .map(({ vm, flag }) => ({ vm, range: flag('service-cluster-ip-range') }))
  if (new Set(ranges.map(({ range }) => range)).size <= 1) return missing
  const each = ranges.map(({ vm, range }) => `${vm} ${range}`).join(', ')
  return [...missing, `apiservers give services addresses of different ranges: ${each}`]
}

interface MemberList {
  readonly members?: readonly {
    readonly name?: string
    readonly clientURLs?: readonly string[]
    readonly peerURLs?: readonly string[]
    readonly isLearner?: boolean
  }[]
}

/** Every member votes, and is advertised to peers and clients by an address of its own that others can reach. */
const membersAreVoters: Claim = async ({ cluster, signal }) => {
  const members = withRole(cluster, 'etcd')
  const [asked] = await inState(members, 'running')
  if (asked === undefined) return []
  const argv = ['etcdctl', 'member', 'list', '--write-out=json', '--command-timeout=2s']
  const { ok, stdout, reason } = await runOn(asked, argv, { timeoutMs, signal })
  if (!ok) return [`etcd's members are not known: ${reason}`]
  const { members: listed = [] } = JSON.parse(stdout) as MemberList
  return members.flatMap(({ spec }) => {
    const address = addressOf(spec, cluster.spec.etcdFamily)
    const has = (urls: readonly string[] = []) => urls.some(one => hostOfEndpoint(one) === address)
    const member = listed.find(({ peerURLs }) => has(peerURLs))
    if (member === undefined) return [`etcd has no member on ${spec.name} (${address})`]
    if (member.isLearner) return [`etcd's member on ${spec.name} does not vote: it is a learner`]
    return has(member.clientURLs) ? [] : [`etcd's member on ${spec.name} is not advertised to clients as ${address}`]
  })
}

/** Programs find the API at the VIP; kubelets of control-plane VMs at their own apiserver where that was chosen. */
const clientsUseVip: Claim = async ({ cluster, signal }) => {
  const { spec } = cluster
  const vms = await inState(withRole(cluster, 'control-plane', 'worker'), 'running')
  const missing = await inTurn(vms, async vm => {
    const argv = ['grep', '-H', '-E', '^ *server: ', '-r', vmDir(vm.spec), '--include=*.kubeconfig']
    const { stdout } = await runOn(vm, argv, { timeoutMs, signal })
    const own = stdout.split('\n').filter(Boolean)
    if (own.length === 0) return [`${vm.spec.name}: no program has a kubeconfig`]
    return own
      .filter(line => !isAllowed(line, vm, spec))
      .map(
        line =>
          `${vm.spec.name}: ${line.replace(/^.*\/([^/]+)\.kubeconfig: *server: (.*)$/, '$1 asks $2')}, not the VIP`,
      )
  })
  return missing.flat()
}

function isAllowed(line: string, vm: Vm, spec: ClusterSpec): boolean {
  if (line.includes('/kubelet.kubeconfig:') && spec.nodeApi === 'local' && hasRole(vm.spec, 'control-plane'))
    return true
  const [, server = ''] = /server: (\S+)$/.exec(line) ?? []
  return spec.vips.includes(hostOfEndpoint(server))
}

/** Pods find each apiserver by the service `kubernetes`. */
const endpointsAreApiservers: Claim = async ({ cluster, signal }) => {
  const { addresses, reason } = await kubernetesEndpoints(cluster, { signal })
  if (addresses === undefined) return [`the endpoints of the service kubernetes are not known: ${reason}`]
  const running = await inState(withRole(cluster, 'control-plane'), 'running')
  return running
    .filter(({ spec }) => !addresses.includes(addressOf(spec, familiesOf(cluster.spec)[0])))
    .map(({ spec }) => `the service kubernetes has no endpoint on ${spec.name}`)
}

/** Those that the cluster's parts make sense of. */
export function redundancyClaims(spec: ClusterSpec): readonly Claim[] {
  const etcd = withRole(spec, 'etcd').length > 0 ? [membersAreVoters] : []
  if (!spec.kubernetes || withRole(spec, 'control-plane').length === 0) return etcd
  return [...etcd, balancersKnowApiservers, apiserversAreAlike, clientsUseVip, endpointsAreApiservers]
}
