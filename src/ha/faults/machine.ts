/** Faults of a whole VM. */
import * as v from 'valibot'
import { ok, type Result } from '../../platform/result.ts'
import { defineFault } from './fault.ts'
import { lastingServiceFaults } from './service.ts'

const schema = v.strictObject({})
const silent = (result: Result<void>): Result<string> => (result.ok ? ok('') : result)

export const stop = defineFault({
  verb: 'stop',
  what: 'freezes the VM, its network silent',
  needs: 'stop',
  schema,
  effect: 'began',
  inject: async vm => silent(await vm.stop()),
})

export const resume = defineFault({
  verb: 'resume',
  what: 'lets a stopped VM go on',
  schema,
  effect: 'undoes',
  ends: ['stop'],
  inject: async vm => silent(await vm.resume()),
})

export const reset = defineFault({
  verb: 'reset',
  what: 'kills the VM and boots it again on its disk, also when it was stopped',
  needs: 'reset',
  schema,
  effect: 'momentary',
  ends: ['stop', ...lastingServiceFaults, 'slow-disk'],
  inject: async vm => silent(await vm.reset()),
})

export const powerOff = defineFault({
  verb: 'power-off',
  what: 'cuts the power: everything but the disk is gone',
  needs: 'power-off',
  schema,
  effect: 'began',
  ends: ['stop', ...lastingServiceFaults, 'slow-disk'],
  inject: async vm => silent(await vm.powerOff()),
})

export const boot = defineFault({
  verb: 'boot',
  what: 'boots a VM that is off',
  schema,
  effect: 'undoes',
  ends: ['power-off', 'lose-disk'],
  inject: async (vm, _, { signal }) => silent(await vm.boot(signal)),
})

export const loseDisk = defineFault({
  verb: 'lose-disk',
  what: 'empties the disk of a VM that is off',
  needs: 'lose-disk',
  schema,
  effect: 'began',
  inject: async vm => silent(await vm.loseDisk()),
})
