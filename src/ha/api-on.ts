/**
 * Asks the API with the administrator's rights, from a VM. By curl, because kubectl costs ten times as much of a
 * processor, and what checks take while probes measure, the probed cluster lacks.
 */

import { clientFiles } from '../cluster/render/clients.ts'
import { apiUrl } from '../cluster/render/kubeconfig.ts'
import type { Cluster, Vm } from '../drivers/driver.ts'
import { type Answer, runOn } from './run-on.ts'

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
  { spec }: Pick<Cluster, 'spec'>,
  { path, server = apiUrl(spec), timeoutMs = defaultTimeoutMs, signal }: ApiRequest,
): Promise<Answer> {
  const argv = ['curl', '--silent', '--show-error', '--fail-with-body', '--globoff']
  const limit = ['--max-time', String(timeoutMs / 1000)]
  const trust = [
    '--cacert',
    `/${clientFiles.ca}`,
    '--cert',
    `/${clientFiles.adminCert}`,
    '--key',
    `/${clientFiles.adminKey}`,
  ]
  const answer = await runOn(vm, [...argv, ...limit, ...trust, `${server}${path}`], {
    timeoutMs: timeoutMs * 2,
    signal,
  })
  return answer.ok ? answer : { ...answer, reason: messageIn(answer.stdout) ?? answer.reason }
}

/** The same for an object: undefined with the reason when there is none. */
export async function objectOn<T>(
  vm: Vm,
  cluster: Pick<Cluster, 'spec'>,
  request: ApiRequest,
): Promise<{ readonly object: T | undefined; readonly reason: string }> {
  const { ok, stdout, reason } = await apiOn(vm, cluster, request)
  return { object: ok ? (JSON.parse(stdout) as T) : undefined, reason }
}

/** Errors are objects of the kind Status. */
function messageIn(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { readonly message?: string }
    return message
  } catch {
    return undefined
  }
}
