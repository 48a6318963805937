/** Which versions of the programs a cluster runs, as the programs themselves say. */
import { type ClusterSpec, type Role, withRole } from '../../cluster/spec.ts'
import type { Cluster, Vm } from '../../drivers/driver.ts'
import { inTurn, runOn } from './run-on.ts'
import { inState } from './select-vms.ts'

interface Program {
  readonly name: string
  readonly roles: readonly Role[]
  readonly argv: readonly string[]
  readonly pattern: RegExp
  /** The service whose program it is, where VMs may run different versions of it. */
  readonly service?: string
}

const programs: readonly Program[] = [
  { name: 'containerd', roles: ['worker'], argv: ['containerd', '--version'], pattern: /containerd \S+ v?(\d\S*)/ },
  { name: 'etcd', roles: ['etcd'], argv: ['etcd', '--version'], pattern: /etcd Version: (\S+)/, service: 'etcd' },
  { name: 'haproxy', roles: ['load-balancer'], argv: ['haproxy', '-v'], pattern: /version (\S+)/ },
  // On stderr, with all that it was built with.
  {
    name: 'keepalived',
    roles: ['load-balancer'],
    argv: ['sh', '-c', 'keepalived --version 2>&1'],
    pattern: /Keepalived v(\S+)/,
  },
  {
    name: 'kubernetes',
    roles: ['control-plane'],
    argv: ['kube-apiserver', '--version'],
    pattern: /Kubernetes v(\S+)/,
    service: 'kube-apiserver',
  },
]

/** Asked where it may be another version than that of the apiservers. */
const kubelet: Program = {
  name: 'kubelet',
  roles: ['control-plane', 'worker'],
  argv: ['kubelet', '--version'],
  pattern: /Kubernetes v(\S+)/,
  service: 'kubelet',
}

/** "1.35.4, 1.36.3" where VMs run several. Without those that no running VM has. */
export async function versionsOf(cluster: Cluster, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
  const { other } = cluster.spec
  const asked = other?.kubernetes === undefined ? programs : [...programs, kubelet]
  const found = await Promise.all(
    asked.map(async program => {
      const running = await inState(withRole(cluster, ...program.roles), 'running')
      const said = await inTurn(vmsToAsk(program, running, cluster.spec), vm => versionOn(vm, program, cluster, signal))
      const versions = [...new Set(said.filter(version => version !== undefined))].sort()
      return versions.length === 0 ? [] : [[program.name, versions.join(', ')] as const]
    }),
  )
  return Object.fromEntries(found.flat())
}

/** One speaks for all where all are the same. */
const vmsToAsk = ({ service }: Program, running: readonly Vm[], { other }: ClusterSpec): readonly Vm[] =>
  service === undefined || other === undefined ? running.slice(0, 1) : running

async function versionOn(
  vm: Vm,
  { argv, pattern, service }: Program,
  { spec }: Cluster,
  signal: AbortSignal,
): Promise<string | undefined> {
  const running = service !== undefined && spec.other !== undefined
  const command = running ? ['/usr/lib/k8s-ha/versions', 'running', service] : argv
  const answer = await runOn(vm, command, { timeoutMs: 10_000, signal })
  return pattern.exec(answer.stdout)?.[1]
}

/** "1.35.4 → 1.36.3" where a scenario changed it. */
export const versionsChanged = (
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(after).map(([name, version]) => {
      const former = before[name] ?? version
      return [name, former === version ? version : `${former} → ${version}`]
    }),
  )
