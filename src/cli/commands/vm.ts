/** `k8s-ha vm`: what can be done to one VM of a running cluster. */
import type { Vm } from '../../drivers/driver.ts'
import { usage } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import type { CommandSpec } from '../command.ts'
import { clusterOption, findVm, openCluster } from '../open-clusters.ts'
import { projectOptions } from '../project-options.ts'

interface Verb {
  readonly summary: string
  act(vm: Vm, from: readonly number[]): Promise<Result<void>>
}

const verbs: Readonly<Record<string, Verb>> = {
  stop: { summary: 'freeze a VM, its network silent, as the QEMU monitor does', act: vm => vm.stop() },
  resume: { summary: 'let a stopped VM go on', act: vm => vm.resume() },
  reset: { summary: 'reset a VM hard, also a stopped one; its disk stays', act: vm => vm.reset() },
  'power-off': { summary: 'end a VM at once; its disk stays', act: vm => vm.powerOff() },
  boot: { summary: 'boot a VM that is off', act: vm => vm.boot() },
  isolate: {
    summary: 'cut a VM from the network',
    act: (vm, from) => vm.isolate({ direction: 'both', ...(from.length > 0 ? { from } : {}) }),
  },
  heal: { summary: 'undo isolate', act: vm => vm.heal() },
}

const command = (name: string, verb: Verb): CommandSpec & { readonly summary: string } => ({
  summary: verb.summary,
  arguments: [{ name: '<vm>', description: 'its number or its name: 193, vm-193', completes: 'vm' }],
  options: [
    ...projectOptions,
    clusterOption,
    ...(name === 'isolate'
      ? [{ flags: '--from <vm>', description: 'only from this VM', repeat: true, completes: 'vm' } as const]
      : []),
  ],
  async run(invocation) {
    const cluster = await openCluster(invocation)
    if (!cluster.ok) return cluster
    const [text] = invocation.args
    if (text === undefined) return fail(usage('No VM given'))
    const vm = findVm(cluster.value, text)
    if (!vm.ok) return vm
    const others = invocation.options.list('from').map(other => findVm(cluster.value, other))
    const unknown = others.find(other => !other.ok)
    if (unknown) return unknown
    const from = others.flatMap(other => (other.ok ? [other.value.spec.id] : []))
    const outcome = await verb.act(vm.value, from)
    if (!outcome.ok) return outcome
    invocation.console.out(`${vm.value.spec.name} ${await vm.value.state()}\n`)
    return ok(0)
  },
})

export default {
  commands: Object.fromEntries(Object.entries(verbs).map(([name, verb]) => [name, command(name, verb)])),
} satisfies CommandSpec
