/** `k8s-ha vm`: what can be done to one VM of a running cluster. */
import { type FaultVerb, faults } from '../ha/faults.ts'
import { usage } from '../platform/failure.ts'
import { fail, ok } from '../platform/result.ts'
import type { CommandSpec } from './command.ts'
import { clusterOption, findVm, openCluster } from './open-clusters.ts'
import { projectOptions } from './project-options.ts'

const summaries: Readonly<Record<FaultVerb, string>> = {
  stop: 'freeze a VM, its network silent, as the QEMU monitor does',
  resume: 'let a stopped VM go on',
  reset: 'reset a VM hard, also a stopped one; its disk stays',
  'power-off': 'end a VM at once; its disk stays',
  boot: 'boot a VM that is off',
  isolate: 'cut a VM from the network',
  heal: 'undo isolate',
}

const command = (verb: FaultVerb): CommandSpec & { readonly summary: string } => ({
  summary: summaries[verb],
  arguments: [{ name: '<vm>', description: 'its number or its name: 193, vm-193' }],
  options: [
    ...projectOptions,
    clusterOption,
    ...(verb === 'isolate' ? [{ flags: '--from <vm>', description: 'only from this VM', repeat: true as const }] : []),
  ],
  async run(invocation) {
    const cluster = await openCluster(invocation)
    if (!cluster.ok) return cluster
    const [text] = invocation.args
    if (text === undefined) return fail(usage('Cannot tell which VM is meant'))
    const vm = findVm(cluster.value, text)
    if (!vm.ok) return vm
    const others = invocation.options.list('from').map(other => findVm(cluster.value, other))
    const unknown = others.find(other => !other.ok)
    if (unknown) return unknown
    const from = others.flatMap(other => (other.ok ? [other.value.spec.id] : []))
    const outcome = await (from.length > 0 ? vm.value.isolate(from) : faults[verb](vm.value))
    if (!outcome.ok) return outcome
    invocation.console.out(`${vm.value.spec.name} ${await vm.value.state()}\n`)
    return ok(0)
  },
})

export default {
  commands: Object.fromEntries((Object.keys(summaries) as FaultVerb[]).map(verb => [verb, command(verb)])),
} satisfies CommandSpec
