/** Every VM runs programs and answers the others on the cluster's network, in every family of the cluster. */
import * as v from 'valibot'
import { addressOf, familiesOf } from '../../cluster/spec.ts'
import { defineCheck } from '../check.ts'
import { runOn } from '../run-on.ts'

export const vmsAnswer = defineCheck({
  name: 'vms-answer',
  claim: 'every VM answers on the network',
  schema: v.strictObject({}),
  timeoutMs: 30_000,

  async observe({ cluster, signal }) {
    const addresses = cluster.vms.flatMap(vm => familiesOf(cluster.spec).map(family => addressOf(vm.spec, family)))
    const script =
      'for a in "$@"; do ping -n -c 1 -W 1 "$a" >/dev/null || { echo "no answer from $a" >&2; exit 1; }; done'
    const answers = await Promise.all(
      cluster.vms.map(async vm => ({
        vm,
        answer: await runOn(vm, ['sh', '-c', script, 'sh', ...addresses], { timeoutMs: 15_000, signal }),
      })),
    )
    const silent = answers.filter(({ answer }) => !answer.ok)
    return {
      holds: silent.length === 0,
      seen:
        silent.length === 0
          ? `${answers.length} VMs, each to all ${addresses.length} addresses`
          : silent.map(({ vm, answer }) => `${vm.spec.name}: ${answer.reason}`).join(', '),
    }
  },
})
