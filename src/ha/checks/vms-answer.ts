/** Every VM runs programs and answers the others on the cluster's network, in every family of the cluster. */
import * as v from 'valibot'
import { addressOf, familiesOf } from '../../cluster/spec.ts'
import type { Vm } from '../../drivers/driver.ts'
import { type Answer, runOn } from '../ask/run-on.ts'
import { defineCheck } from './check.ts'

/** Each address once, a millisecond after the other; those that are silent for a second are reported. */
const ask = (patience: number) => ['fping', '--unreach', '--retry=0', `--timeout=${1000 * patience}`, '--interval=1']

export const vmsAnswer = defineCheck({
  name: 'vms-answer',
  claim: 'every VM answers on the network',
  schema: v.strictObject({}),
  timeoutMs: 30_000,
  waitsForReadiness: true,

  async observe({ cluster, signal }) {
    const addresses = cluster.vms.flatMap(vm => familiesOf(cluster.spec).map(family => addressOf(vm.spec, family)))
    const answers: { readonly vm: Vm; readonly answer: Answer }[] = []
    for (const vm of cluster.vms)
      answers.push({
        vm,
        answer: await runOn(vm, [...ask(cluster.patience), ...addresses], { timeoutMs: 15_000, signal }),
      })
    const silent = answers.filter(({ answer }) => !answer.ok)
    return {
      holds: silent.length === 0,
      seen:
        silent.length === 0
          ? `${answers.length} VMs, each to all ${addresses.length} addresses`
          : silent.map(({ vm, answer }) => `${vm.spec.name}: ${reasonOf(answer)}`).join(', '),
    }
  },
})

function reasonOf({ stdout, reason }: Answer): string {
  const silent = stdout.split('\n').filter(Boolean)
  return silent.length === 0 ? reason : `no answer from ${silent.join(', ')}`
}
