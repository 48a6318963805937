/** Every fault, and what undoes one, by its verb. */

import { fill, free, slow } from './faults/disk.ts'
import { alarm, disarm } from './faults/etcd-alarm.ts'
import type { FaultType } from './faults/fault.ts'
import { boot, loseDisk, powerOff, reset, resume, stop } from './faults/machine.ts'
import { heal, isolate, loss } from './faults/network.ts'
import { kill, startService, stopService } from './faults/service.ts'

export const faultTypes: ReadonlyMap<string, FaultType> = new Map(
  [
    ...[stop, resume, reset, powerOff, boot, loseDisk],
    ...[isolate, loss, heal],
    ...[kill, stopService, startService],
    ...[alarm, disarm, fill, free, slow],
  ].map(fault => [fault.verb, fault]),
)

export const faultVerbs: readonly string[] = [...faultTypes.keys()]
