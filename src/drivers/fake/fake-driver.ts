/** Clusters in memory: what stands above drivers is tested on them. No user can choose this driver. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { done, fail, ok, type Result } from '../../platform/result.ts'
import { adoptState, createState, keepState, readState, remainsIn, userOf } from '../cluster-state.ts'
import type { Cluster, ClusterPlan, Driver, FaultKind, Layer, Logs, Programs } from '../driver.ts'
import { type Program, runProgram } from './fake-programs.ts'
import { FakeVm, type Surroundings } from './fake-vm.ts'

/** One machine's: what runs is in its memory, as it is in a kernel's; whose it is says the state folder. */
export class FakeDriver implements Driver {
  readonly name = 'fake'
  readonly hostTools: readonly string[] = []
  readonly requiresRoot = false
  faults: ReadonlySet<FaultKind> = new Set<FaultKind>([
    ...(['stop', 'reset', 'power-off', 'isolate', 'loss', 'lose-disk', 'fill-disk', 'slow-disk'] as const),
  ])
  /** By the first word of a command line, on every VM and for clients; any other is not found. */
  readonly programs = new Map<string, Program<FakeVm>>()
  onBoot: Surroundings['onBoot'] = () => done
  /** Of its clusters. */
  patience = 1
  readonly #clusters = new Map<string, FakeCluster>()

  async preflight(): Promise<Result<void>> {
    return done
  }

  async create(plan: ClusterPlan, signal: AbortSignal): Promise<Result<FakeCluster>> {
    createState(plan)
    const cluster = new FakeCluster(plan, this)
    this.#clusters.set(plan.stateDir, cluster)
    const boots = await Promise.all(cluster.vms.map(vm => vm.boot(signal)))
    const broken = boots.find(boot => !boot.ok)
    if (broken && !broken.ok) return broken
    if (signal.aborted) return fail({ kind: 'interrupted', message: `Interrupted: cluster "${plan.name}" was booting` })
    return ok(cluster)
  }

  async find(stateDir: string): Promise<FakeCluster | undefined> {
    const cluster = this.#clusters.get(stateDir)
    return cluster?.isGone || readState(stateDir) === undefined ? undefined : cluster
  }

  async remove(stateDir: string): Promise<Result<void>> {
    for (const vm of this.#clusters.get(stateDir)?.vms ?? []) await vm.powerOff()
    this.#clusters.delete(stateDir)
    rmSync(stateDir, { recursive: true, force: true })
    return done
  }

  logs(stateDir: string): ReadonlyMap<string, Logs> {
    return new Map(this.#clusters.get(stateDir)?.vms.map(({ spec, logs }) => [spec.name, logs]))
  }

  inUseBy(stateDir: string): number | undefined {
    return userOf(stateDir)
  }

  async sweep(clustersDir: string): Promise<Result<readonly string[]>> {
    const names = remainsIn(clustersDir)
    for (const name of names) await this.remove(join(clustersDir, name))
    return ok(names)
  }
}

export class FakeCluster implements Cluster {
  readonly name: string
  readonly spec: Cluster['spec']
  readonly stateDir: string
  readonly vms: readonly FakeVm[]
  client: Programs
  /** Set by a test: nothing of it runs any more, and its state folder is still there. */
  isGone = false
  readonly #driver: FakeDriver
  #layers: readonly Layer[]

  constructor({ name, spec, stateDir, layers }: ClusterPlan, driver: FakeDriver) {
    this.name = name
    this.spec = spec
    this.stateDir = stateDir
    this.#driver = driver
    this.#layers = layers
    const { programs } = driver
    const onBoot: Surroundings['onBoot'] = (vm, signal) => driver.onBoot(vm, signal)
    const around = {
      programs,
      onBoot,
      patience: () => driver.patience,
      vms: () => this.vms,
      latestLayers: () => this.#layers,
    }
    this.vms = spec.vms.map(vm => new FakeVm(vm, around))
    this.client = {
      get patience() {
        return driver.patience
      },
      exec: (argv, options) =>
        runProgram(argv, { ...options, timeoutMs: options.timeoutMs * driver.patience }, { programs, vms: this.vms }),
      commandLine: argv => ok(argv),
    }
  }

  get patience(): number {
    return this.#driver.patience
  }

  async replaceLayers(layers: readonly Layer[]): Promise<Result<void>> {
    this.#layers = layers
    return done
  }

  adopt(): void {
    adoptState(this.stateDir)
  }

  keep(): boolean {
    return keepState(this.stateDir)
  }

  destroy(): Promise<Result<void>> {
    return this.#driver.remove(this.stateDir)
  }
}
