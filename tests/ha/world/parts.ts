/** What the programs of a world in memory see of it. */
import type { ClusterSpec, Role } from '../../../src/cluster/spec.ts'
import type { FakeCluster } from '../../../src/drivers/fake/fake-driver.ts'
import type { Program } from '../../../src/drivers/fake/fake-programs.ts'
import { type FakeVm, isHeard } from '../../../src/drivers/fake/fake-vm.ts'
import type { FakeClock } from '../../platform/fake-clock.ts'

export interface Parts {
  readonly clock: FakeClock
  readonly cluster: FakeCluster
  readonly spec: ClusterSpec
  /** etcd refuses writes although there is a quorum. */
  alarm: boolean
  /** By path: objects that the API has instead of, or beside, those of a healthy cluster. */
  readonly served: Map<string, object>
  vm(id: number): FakeVm
  withRole(role: Role): readonly FakeVm[]
}

export type Programs = readonly (readonly [name: string, program: Program<FakeVm>])[]

/** Whether the service runs there: it was not held down. */
export const runs = (vm: FakeVm, service: string): boolean => vm.isRunning && !vm.files.has(`/run/${service}.down`)

/** Whether both hear each other, or are the same. Undefined is a client. */
export const reaches = (one: FakeVm | undefined, other: FakeVm | undefined): boolean =>
  one === other ? one?.isRunning !== false : isHeard(one, other) && isHeard(other, one)
