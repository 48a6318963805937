/** Renews the serving certificate of an apiserver, as an administrator does: the new one replaces the old one. */
import * as v from 'valibot'
import { authorityName, servingAuthorities } from '../../cluster/pki/certificate-plan.ts'
import { servingFiles } from '../../cluster/render/control-plane.ts'
import { vmDir } from '../../cluster/render/vm-folder.ts'
import { failed } from '../../platform/failure.ts'
import { fail, ok } from '../../platform/result.ts'
import { runOn } from '../ask/run-on.ts'
import { certificateInPlace, nameOf } from '../ask/serving-certificate.ts'
import { targetSchema } from '../targets/target-schema.ts'
import { defineAction } from './action.ts'

/** By renaming, so that there is a whole pair at any time. The former pair is the next one then: it can be done again. */
const exchange = [
  'cd "$1"',
  'cp -p "$3" "$2.new"',
  'cp -p "$2" "$3.new"',
  // What was written must not be lost by a reset just afterwards.
  'sync "$2.new" "$3.new"',
  'mv "$2.new" "$2"',
  'mv "$3.new" "$3"',
].join(' && ')

export const renewCertificate = defineAction({
  name: 'renew-certificate',
  what: 'replaces the serving certificate of the apiserver on `vm` by the next one; a second time, by the former one; or by one of that `authority`',
  schema: v.strictObject({ vm: targetSchema, authority: v.optional(v.picklist(servingAuthorities)) }),
  targets: ({ vm }) => [vm],
  role: 'control-plane',

  async run({ signal, vmOf }, { vm: target, authority }) {
    const meant = await vmOf(target)
    if (!meant.ok) return meant
    const vm = meant.value
    const { name } = vm.spec
    const before = await certificateInPlace(vm, signal)
    if (!before.ok) return before
    const isBy = authority !== undefined && before.value.issuer === `CN=${authorityName(authority)}`
    if (isBy) return ok(`${name}: ${nameOf(before.value)} is by ${authority} already`)
    const next = authority === undefined ? servingFiles.next : servingFiles.otherAuthority
    const argv = ['sh', '-c', exchange, 'sh', vmDir(vm.spec), servingFiles.inUse, next]
    const exchanged = await runOn(vm, argv, { timeoutMs: 10_000, signal })
    if (!exchanged.ok) return fail(failed(`Cannot renew the certificate on "${name}"`, { last: exchanged.reason }))
    const after = await certificateInPlace(vm, signal)
    if (!after.ok) return after
    if (after.value.serialNumber === before.value.serialNumber)
      return fail(failed(`Cannot renew the certificate on "${name}": the next one is the one that it has`))
    return ok(
      `${name}: ${nameOf(after.value)}${authority === undefined ? '' : ` by ${authority}`} instead of ${nameOf(before.value)}`,
    )
  },
})
