/** What a scenario can do to a VM, each by the name of the verb in a step. */
import type { Vm } from '../drivers/driver.ts'
import type { Result } from '../platform/result.ts'

export const faultVerbs = ['stop', 'resume', 'reset', 'power-off', 'boot', 'isolate', 'heal'] as const
export type FaultVerb = (typeof faultVerbs)[number]

export const faults: Readonly<Record<FaultVerb, (vm: Vm) => Promise<Result<void>>>> = {
  stop: vm => vm.stop(),
  resume: vm => vm.resume(),
  reset: vm => vm.reset(),
  'power-off': vm => vm.powerOff(),
  boot: vm => vm.boot(),
  isolate: vm => vm.isolate(),
  heal: vm => vm.heal(),
}

/** Undoes whatever a scenario that ended early left: every VM runs and hears the others again. */
export async function healAll(vms: readonly Vm[]): Promise<readonly Result<void>[]> {
  return Promise.all(
    vms.map(async vm => {
      const healed = await vm.heal()
      if (!healed.ok) return healed
      const state = await vm.state()
      if (state === 'running') return healed
      return state === 'stopped' ? vm.resume() : vm.boot()
    }),
  )
}
