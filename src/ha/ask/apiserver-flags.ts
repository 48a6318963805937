/** The flags with which each apiserver that runs was started. */
import { withRole } from '../../cluster/spec.ts'
import type { Cluster } from '../../drivers/driver.ts'
import { inTurn, runOn } from './run-on.ts'
import { inState } from './select-vms.ts'

export interface ApiserverFlags {
  /** The VM's name. */
  readonly vm: string
  /** Why they are not known; empty when they are. */
  readonly reason: string
  /** "etcd-servers"; empty when it is not given. */
  readonly flag: (name: string) => string
}

const commandLine = "tr '\\0' '\\n' <\"/proc/$(cat /run/kube-apiserver.pid)/cmdline\""

export async function apiserverFlags(cluster: Cluster, signal: AbortSignal): Promise<readonly ApiserverFlags[]> {
  const running = await inState(withRole(cluster, 'control-plane'), 'running')
  return inTurn(running, async vm => {
    const { ok, stdout, reason } = await runOn(vm, ['sh', '-c', commandLine], { timeoutMs: 5_000, signal })
    const flag = (name: string) => new RegExp(`^--${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? ''
    return { vm: vm.spec.name, reason: ok ? '' : reason, flag }
  })
}
