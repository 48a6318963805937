/** The driver that the setting `driver` (K8S_HA_DRIVER) names. */
import { usage } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { defaultDriver } from './default-driver.ts'
import type { Driver } from './driver.ts'
import { netnsDriver } from './netns/netns-driver.ts'
import { patienceOf } from './patience.ts'

type MakeDriver = (patience: () => number) => Driver

/** Those that users can choose; `fake` is for tests only. */
const drivers: ReadonlyMap<string, MakeDriver> = new Map([['netns', netnsDriver]])

export function chooseDriver(settings: ReadonlyMap<string, string>): Result<Driver> {
  const name = settings.get('driver') ?? defaultDriver
  const make = drivers.get(name)
  if (make) return ok(make(() => patienceOf(settings)))
  const known = [...drivers.keys()].join(', ')
  return fail(usage(`Cannot use driver "${name}": there is no such driver`, { try: `one of: ${known}` }))
}

/** What it needs of the machine. One that does not exist needs nothing, and is refused when it is used. */
export function driverNeeds(settings: ReadonlyMap<string, string>): Pick<Driver, 'hostTools' | 'requiresRoot'> {
  const driver = chooseDriver(settings)
  return driver.ok ? driver.value : { hostTools: [], requiresRoot: false }
}
