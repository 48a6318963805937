/** Each running apiserver, asked past the load balancers, serves the certificate that lies on its VM now. */
import * as v from 'valibot'
import { apiserverUrl } from '../../../cluster/render/kubeconfig.ts'
import { withRole } from '../../../cluster/spec.ts'
import type { Vm } from '../../../drivers/driver.ts'
import { curlOn } from '../../ask/run-on.ts'
import { inState } from '../../ask/select-vms.ts'
import { certificateIn, certificateInPlace, nameOf } from '../../ask/serving-certificate.ts'
import { type CheckContext, defineCheck } from '../check.ts'

export const certificateServed = defineCheck({
  name: 'certificate-served',
  claim: 'every running apiserver serves the certificate that lies on its VM, and that one names every VIP',
  schema: v.strictObject({}),
  // An apiserver looks at its files once a minute.
  timeoutMs: 75_000,
  waitsForReadiness: true,

  async observe(context) {
    const running = await inState(withRole(context.cluster, 'control-plane'), 'running')
    const looks = await Promise.all(running.map(vm => look(vm, context)))
    return {
      holds: running.length > 0 && looks.every(({ holds }) => holds),
      seen: looks.map(({ seen }) => seen).join(', ') || 'no control-plane VM is running',
    }
  },
})

async function look(vm: Vm, context: CheckContext): Promise<{ readonly holds: boolean; readonly seen: string }> {
  const { name } = vm.spec
  const inPlace = await certificateInPlace(vm, context.signal)
  if (!inPlace.ok) return { holds: false, seen: `${name}: ${inPlace.failure.message}` }
  const { certificate, reason } = await servedBy(vm, context)
  if (certificate === undefined) return { holds: false, seen: `${name}: ${reason}` }
  const unnamed = context.cluster.spec.vips.filter(vip => certificate.checkIP(vip) === undefined)
  if (unnamed.length > 0)
    return { holds: false, seen: `${name} serves ${nameOf(certificate)}, which does not name ${unnamed.join(', ')}` }
  const isInPlace = certificate.serialNumber === inPlace.value.serialNumber
  return {
    holds: isInPlace,
    seen: `${name} serves ${nameOf(certificate)}${isInPlace ? '' : ` instead of ${nameOf(inPlace.value)}`}`,
  }
}

/** Verified against the cluster's authority and the VM's address; what the apiserver answers does not matter. */
async function servedBy(vm: Vm, { cluster, signal }: CheckContext) {
  const at = `${apiserverUrl(cluster.spec, vm.spec)}/`
  const argv = ['--output', '/dev/null', '--write-out', '%{certs}', at]
  const answer = await curlOn(vm, argv, { timeoutMs: 3_000, signal })
  return {
    certificate: answer.ok ? certificateIn(answer.stdout) : undefined,
    reason: answer.reason || 'no certificate',
  }
}
