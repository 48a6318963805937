/** Which versions of the programs a cluster runs, as the programs themselves say. */
import { type Role, withRole } from '../../cluster/spec.ts'
import type { Cluster } from '../../drivers/driver.ts'
import { runOn } from './run-on.ts'
import { inState } from './select-vms.ts'

interface Program {
  readonly name: string
  readonly role: Role
  readonly argv: readonly string[]
  readonly pattern: RegExp
}

const programs: readonly Program[] = [
  { name: 'containerd', role: 'worker', argv: ['containerd', '--version'], pattern: /containerd \S+ v?(\d\S*)/ },
  { name: 'etcd', role: 'etcd', argv: ['etcd', '--version'], pattern: /etcd Version: (\S+)/ },
  { name: 'haproxy', role: 'load-balancer', argv: ['haproxy', '-v'], pattern: /version (\S+)/ },
  // On stderr, with all that it was built with.
  {
    name: 'keepalived',
    role: 'load-balancer',
    argv: ['sh', '-c', 'keepalived --version 2>&1'],
    pattern: /Keepalived v(\S+)/,
  },
  { name: 'kubernetes', role: 'control-plane', argv: ['kube-apiserver', '--version'], pattern: /Kubernetes v(\S+)/ },
]

/** Without those that no running VM has. */
export async function versionsOf(cluster: Cluster, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
  const found = await Promise.all(
    programs.map(async ({ name, role, argv, pattern }) => {
      const [vm] = await inState(withRole(cluster, role), 'running')
      if (vm === undefined) return []
      const answer = await runOn(vm, argv, { timeoutMs: 10_000, signal })
      const [, version] = pattern.exec(answer.stdout) ?? []
      return version === undefined ? [] : [[name, version] as const]
    }),
  )
  return Object.fromEntries(found.flat())
}
