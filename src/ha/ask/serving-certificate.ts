/** The certificate with which an apiserver is to serve, as it lies on its VM. */
import { X509Certificate } from 'node:crypto'
import { servingFiles } from '../../cluster/render/control-plane.ts'
import { inVm } from '../../cluster/render/vm-folder.ts'
import type { Vm } from '../../drivers/driver.ts'
import { failed } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { runOn } from './run-on.ts'

const begin = '-----BEGIN CERTIFICATE-----'
const end = '-----END CERTIFICATE-----'

/** The first one in the text. */
export function certificateIn(text: string): X509Certificate | undefined {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  return from === -1 || to === -1 ? undefined : new X509Certificate(text.slice(from, to + end.length))
}

export async function certificateInPlace(vm: Vm, signal: AbortSignal): Promise<Result<X509Certificate>> {
  // Without the key, which is nobody else's business.
  const argv = ['sed', '-n', `/${begin}/,/${end}/p`, `/${inVm(vm.spec, servingFiles.inUse)}`]
  const answer = await runOn(vm, argv, { timeoutMs: 5_000, signal })
  const certificate = certificateIn(answer.stdout)
  if (certificate !== undefined) return ok(certificate)
  return fail(failed(`Cannot read the serving certificate on "${vm.spec.name}"`, { last: answer.reason }))
}

/** Short, for people. */
export const nameOf = ({ serialNumber }: X509Certificate): string => serialNumber.slice(0, 8).toLowerCase()
