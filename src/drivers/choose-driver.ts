/** The driver that the setting `driver` (K8S_HA_DRIVER) names. */
import { usage } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import type { Driver } from './driver.ts'
import { netnsDriver } from './netns/netns-driver.ts'

const drivers: readonly Driver[] = [netnsDriver]

export function chooseDriver(settings: ReadonlyMap<string, string>): Result<Driver> {
  const name = settings.get('driver') ?? netnsDriver.name
  const driver = drivers.find(one => one.name === name)
  if (driver) return ok(driver)
  const known = drivers.map(one => one.name).join(', ')
  return fail(usage(`Cannot use driver "${name}": there is no such driver`, { try: `one of: ${known}` }))
}
