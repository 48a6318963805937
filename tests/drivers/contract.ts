/**
 * What every driver must do, whatever its VMs are made of. A suite of tests, to be run on each driver; its VMs need a
 * root with busybox, and an address on the cluster's network: see tiny-root.ts.
 */
import { after, before, describe } from 'node:test'
import { Bench, type Subject } from './contract/bench.ts'
import { diskTests } from './contract/disks.ts'
import { logTests } from './contract/logs.ts'
import { networkTests } from './contract/network.ts'
import { ownershipTests } from './contract/ownership.ts'
import { programTests } from './contract/programs.ts'
import { stateTests } from './contract/states.ts'

/** Each test leaves the shared cluster whole. */
export function driverContract(subject: Subject): void {
  describe(`driver ${subject.driver.name}`, () => {
    const bench = new Bench(subject)
    before(() => bench.open())
    after(() => bench.close())
    for (const tests of [stateTests, programTests, networkTests, diskTests, logTests, ownershipTests]) tests(bench)
  })
}
