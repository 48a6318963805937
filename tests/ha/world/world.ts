/**
 * A cluster in memory that behaves as a healthy one does: etcd needs a quorum, a load balancer that hears no better one
 * holds the VIP, the API needs both. Faults have the consequences that they have on real VMs, on a clock of the test's.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { ClusterSettings } from '../../../src/cluster/build-spec.ts'
import type { ClusterSpec, Role } from '../../../src/cluster/spec.ts'
import type { Output } from '../../../src/drivers/driver.ts'
import { type FakeCluster, FakeDriver } from '../../../src/drivers/fake/fake-driver.ts'
import type { FakeVm } from '../../../src/drivers/fake/fake-vm.ts'
import { writeClientKeys } from '../../../src/ha/ask/client-keys.ts'
import { specWith, unwrap } from '../../cluster-data/sample.ts'
import { type FakeClock, useFakeClock } from '../../platform/fake-clock.ts'
import { etcdPrograms } from './etcd.ts'
import { kubernetesPrograms } from './kubernetes.ts'
import { curlPrograms } from './many-questions.ts'
import { networkPrograms } from './network.ts'
import type { Parts } from './parts.ts'
import { servicePrograms } from './services.ts'

const keysOf = (name: string) => ({ ca: `ca of ${name}`, cert: `certificate of ${name}\n`, key: `key of ${name}\n` })

/** With which clients ask. */
export const keys = { kubeconfig: 'kubeconfig', admin: keysOf('admin'), etcd: keysOf('etcd') } as const

export class World implements Parts {
  readonly clock: FakeClock
  readonly driver: FakeDriver
  readonly cluster: FakeCluster
  readonly stateDir: string
  readonly ending = new AbortController()
  alarm = false
  readonly served = new Map<string, object>()

  private constructor(clock: FakeClock, driver: FakeDriver, cluster: FakeCluster) {
    this.clock = clock
    this.driver = driver
    this.cluster = cluster
    this.stateDir = cluster.stateDir
    const programs = [curlPrograms, etcdPrograms, kubernetesPrograms, networkPrograms, servicePrograms].flatMap(make =>
      make(this),
    )
    for (const [name, program] of programs) driver.programs.set(name, program)
  }

  /** Gone when the test ends. */
  static async make(context: TestContext, settings: Partial<ClusterSettings> = {}): Promise<World> {
    const clock = useFakeClock(context)
    const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-world-'))
    context.after(() => rmSync(folder, { recursive: true, force: true }))
    const driver = new FakeDriver()
    const plan = { name: 'world', spec: specWith(settings), layers: [], stateDir: join(folder, 'clusters/world') }
    const cluster = unwrap(await driver.create(plan, new AbortController().signal))
    writeClientKeys(plan.stateDir, keys)
    return new World(clock, driver, cluster)
  }

  get spec(): ClusterSpec {
    return this.cluster.spec
  }

  get signal(): AbortSignal {
    return this.ending.signal
  }

  vm(id: number): FakeVm {
    const vm = this.cluster.vms.find(one => one.spec.id === id)
    if (vm === undefined) throw new Error(`the world has no VM ${id}`)
    return vm
  }

  withRole(role: Role): readonly FakeVm[] {
    return this.cluster.vms.filter(({ spec }) => spec.roles.includes(role))
  }

  /** From now on a program says that, whoever runs it. */
  answer(program: string, output: Partial<Output>): void {
    this.driver.programs.set(program, () => output)
  }
}
