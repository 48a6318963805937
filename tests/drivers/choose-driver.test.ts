/** Which driver is used, and what is said of one that is not there. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseDriver, driverNeeds } from '../../src/drivers/choose-driver.ts'
import { defaultDriver } from '../../src/drivers/default-driver.ts'

const choose = (name: string) => {
  const driver = chooseDriver(new Map([['driver', name]]))
  return driver.ok ? driver.value.name : driver.failure.message
}

test('who names no driver gets the default one', () => {
  const driver = chooseDriver(new Map())
  assert.equal(driver.ok && driver.value.name, defaultDriver)
  assert.equal(choose(defaultDriver), defaultDriver)
})

test('a driver that is not there is refused, and so is the one for tests', () => {
  assert.equal(choose('qmeu'), 'Cannot use driver "qmeu": there is no such driver')
  assert.equal(choose('fake'), 'Cannot use driver "fake": there is no such driver')
})

test('the needs of a driver that is not there are none: it is refused when it is used', () => {
  assert.deepEqual(driverNeeds(new Map([['driver', 'qmeu']])), { hostTools: [], requiresRoot: false })
  assert.equal(driverNeeds(new Map()).requiresRoot, true)
})
