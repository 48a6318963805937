/** Every apiserver fetches the logs of a pod on each node, and runs a program in one. */
import { apiserverUrl } from '../../../cluster/render/kubeconfig.ts'
import { asAdmin } from '../../ask/ask-many.ts'
import { kubectlOn } from '../../ask/run-on.ts'
import { type Asked, granted, type Pod, wrongOf } from './asked.ts'

/** `pods`: one on each node. */
export async function podsReached(asked: Asked, pods: readonly Pod[]): Promise<readonly string[]> {
  const { cluster, signal, apiservers, client } = asked
  const logs = apiservers.flatMap(vm =>
    pods.map(pod => ({
      url: `${apiserverUrl(cluster.spec, vm.spec)}/api/v1/namespaces/default/pods/${pod.name}/log?tailLines=1`,
      settings: asAdmin,
      wrong: granted(`no logs of a pod on ${pod.vm.spec.name} through ${vm.spec.name}`),
    })),
  )
  return [...(await wrongOf(client, logs, { signal, adminOf: cluster })), ...(await notRun(asked, pods))]
}

/** Each apiserver in a pod on another node, while there are enough. */
async function notRun(
  { cluster, signal, apiservers, client }: Asked,
  pods: readonly Pod[],
): Promise<readonly string[]> {
  const turns = apiservers.flatMap((vm, index) =>
    pods
      .slice(index % pods.length)
      .slice(0, 1)
      .map(pod => ({ vm, pod })),
  )
  const found: string[] = []
  for (const { vm, pod } of turns) {
    const server = `--server=${apiserverUrl(cluster.spec, vm.spec)}`
    const argv = [server, 'exec', pod.name, '--', '/bin/busybox', 'hostname']
    const { ok, stdout, reason } = await kubectlOn(cluster, client, argv, { timeoutMs: 10_000, signal })
    const otherwise = `no exec in a pod on ${pod.vm.spec.name} through ${vm.spec.name}`
    if (!ok) found.push(`${otherwise}: ${reason}`)
    else if (stdout.trim() !== pod.name) found.push(`${otherwise}: it ran in ${stdout.trim()}`)
  }
  return found
}
