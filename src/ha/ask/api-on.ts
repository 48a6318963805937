/**
 * Asks the API with the administrator's rights, from a VM. By curl: kubectl takes 0.3 s of a slow CPU each time,
 * and what checks take while probes measure, the probed cluster lacks.
 */
import { apiUrl } from '../../cluster/render/kubeconfig.ts'
import { type Cluster, secretPath, type Vm } from '../../drivers/driver.ts'
import { adminPem } from './client-keys.ts'
import { type Answer, curlOn } from './run-on.ts'
import { kubectlVm } from './select-vms.ts'

export interface ApiRequest {
  /** "/api/v1/nodes" */
  readonly path: string
  /** "https://192.168.1.1:6443"; the VIP otherwise. */
  readonly server?: string
  /** For all of it, connection included. */
  readonly timeoutMs?: number
  readonly signal: AbortSignal
}

const defaultTimeoutMs = 5_000

/** `stdout` is what was answered, also when that was an error. */
export async function apiOn(
  vm: Vm,
  cluster: Cluster,
  { path, server = apiUrl(cluster.spec), timeoutMs = defaultTimeoutMs, signal }: ApiRequest,
): Promise<Answer> {
  const secret = adminPem(cluster)
  if (!secret.ok) return { ok: false, stdout: '', stderr: '', reason: secret.failure.message }
  const who = ['--cert', secretPath, '--key', secretPath]
  const argv = ['--fail-with-body', '--globoff', ...who, `${server}${path}`]
  const answer = await curlOn(vm, argv, { timeoutMs, signal, secret: secret.value })
  return answer.ok ? answer : { ...answer, reason: messageIn(answer.stdout) ?? answer.reason }
}

/** An object, asked for where kubectl is: undefined with the reason when there is none. */
export async function objectOf<T>(
  cluster: Cluster,
  request: ApiRequest,
): Promise<{ readonly object: T | undefined; readonly reason: string }> {
  const client = await kubectlVm(cluster)
  if (!client.ok) return { object: undefined, reason: client.failure.message }
  const { ok, stdout, reason } = await apiOn(client.value, cluster, request)
  return { object: ok ? (JSON.parse(stdout) as T) : undefined, reason }
}

/** Errors are objects of the kind Status. */
export function messageIn(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { readonly message?: string }
    return message
  } catch {
    return undefined
  }
}
