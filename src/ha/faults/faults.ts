/** Every fault, and what undoes one, by its verb. */
import { fill, free, slow } from './disk.ts'
import { alarm, disarm } from './etcd-alarm.ts'
import type { FaultType } from './fault.ts'
import { boot, loseDisk, powerOff, reset, resume, stop } from './machine.ts'
import { heal, isolate, loss } from './network.ts'
import { freeze, kill, startService, stopService, thaw } from './service.ts'
import { upgrade } from './upgrade.ts'

export const faultTypes: ReadonlyMap<string, FaultType> = new Map(
  [
    ...[stop, resume, reset, powerOff, boot, loseDisk],
    ...[isolate, loss, heal],
    ...[kill, stopService, startService, freeze, thaw],
    upgrade,
    ...[alarm, disarm, fill, free, slow],
  ].map(fault => [fault.verb, fault]),
)

export const faultVerbs: readonly string[] = [...faultTypes.keys()]
