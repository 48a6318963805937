/** A VM in memory: its state, files and faults. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { VmSpec } from '../../cluster/spec.ts'
import { digestOf } from '../../platform/digest.ts'
import { type Failure, usage } from '../../platform/failure.ts'
import { seededRandom } from '../../platform/random.ts'
import { done, fail, ok, type Result } from '../../platform/result.ts'
import type { Cut, ExecOptions, Layer, Loss, Output, Vm, VmState } from '../driver.ts'
import { FakeLogs, type Program, runProgram } from './fake-programs.ts'

/** What a VM has in common with the others of its cluster. */
export interface Surroundings {
  readonly programs: ReadonlyMap<string, Program<FakeVm>>
  readonly vms: () => readonly FakeVm[]
  /** What happens while a VM boots. */
  readonly onBoot: (vm: FakeVm, signal?: AbortSignal) => Result<void> | Promise<Result<void>>
  readonly latestLayers: () => readonly Layer[]
  /** See Cluster. */
  readonly patience: () => number
}

export class FakeVm implements Vm {
  readonly spec: VmSpec
  readonly logs = new FakeLogs()
  /** Those that were written: /run is gone when the VM goes off, and what is not in /var when its root is new. */
  readonly files = new Map<string, string>()
  /** How often it has booted. */
  boots = 0
  cut: Cut | undefined
  loss: (Loss & { readonly draw: () => number }) | undefined
  writesPerSecond: number | undefined
  readonly #around: Surroundings
  #layers: readonly Layer[]
  #state: VmState = 'off'
  #power = new AbortController()
  #standstill = Promise.withResolvers<void>()

  constructor(spec: VmSpec, around: Surroundings) {
    this.spec = spec
    this.#around = around
    this.#layers = around.latestLayers()
  }

  get patience(): number {
    return this.#around.patience()
  }

  get isRunning(): boolean {
    return this.#state === 'running'
  }

  async state(): Promise<VmState> {
    return this.#state
  }

  /** A file as programs of the VM see it: as it was written there, or in the topmost layer that has it. */
  read(path: string): string | undefined {
    if (path === '/etc/machine-id') return `${digestOf(this.spec.name).slice(0, 32)}\n`
    const isHidden = ({ own = {} }: Layer) =>
      Object.entries(own).some(([folder, vm]) => vm !== this.spec.name && path.startsWith(`/${folder}/`))
    const layers = this.#layers.filter(layer => !isHidden(layer))
    const layer = layers.map(({ folder }) => join(folder, path)).find(existsSync)
    return this.files.get(path) ?? (layer === undefined ? undefined : readFileSync(layer, 'utf8'))
  }

  commandLine(argv: readonly string[]): Result<readonly string[]> {
    return this.#state === 'off' ? this.#cannot('run a program on', 'it is off') : ok(argv)
  }

  async exec(argv: readonly string[], options: ExecOptions): Promise<Result<Output>> {
    if (this.#state === 'off') return this.#cannot('run a program on', 'it is off')
    const goesOn = async () => {
      while (this.#state === 'stopped') await this.#standstill.promise
    }
    const { programs, vms, patience } = this.#around
    const timed = { ...options, timeoutMs: options.timeoutMs * patience() }
    return runProgram<FakeVm>(argv, timed, { vm: this, vms: vms(), programs, power: this.#power.signal, goesOn })
  }

  async boot(signal?: AbortSignal): Promise<Result<void>> {
    if (this.#state !== 'off') return this.#cannot('boot', 'it is already on')
    const booted = await this.#around.onBoot(this, signal)
    if (!booted.ok) return booted
    this.#power = new AbortController()
    this.#enter('running')
    this.boots++
    return done
  }

  async stop(): Promise<Result<void>> {
    return this.#state === 'off' ? this.#cannot('stop', 'it is off') : this.#enter('stopped')
  }

  async resume(): Promise<Result<void>> {
    return this.#state === 'stopped' ? this.#enter('running') : this.#cannot('resume', 'it is not stopped')
  }

  async powerOff(): Promise<Result<void>> {
    this.#power.abort()
    this.writesPerSecond = undefined
    this.#forget(path => path.startsWith('/run/'))
    return this.#enter('off')
  }

  async reset(): Promise<Result<void>> {
    await this.powerOff()
    return this.boot()
  }

  async renew(signal?: AbortSignal): Promise<Result<void>> {
    await this.powerOff()
    this.#forget(path => !path.startsWith('/var/'))
    this.#layers = this.#around.latestLayers()
    return this.boot(signal)
  }

  async isolate(cut: Cut): Promise<Result<void>> {
    this.cut = cut
    return done
  }

  async lose(loss: Loss): Promise<Result<void>> {
    this.loss = { ...loss, draw: seededRandom(loss.seed) }
    return done
  }

  async slowDisks(writesPerSecond: number): Promise<Result<void>> {
    if (this.#state === 'off') return this.#cannot('slow the disks of', 'it is off')
    if (!this.spec.disks?.length) return this.#cannot('slow the disks of', 'it has none of its own')
    this.writesPerSecond = writesPerSecond
    return done
  }

  async heal(): Promise<Result<void>> {
    this.cut = undefined
    this.loss = undefined
    this.writesPerSecond = undefined
    return done
  }

  async loseDisk(): Promise<Result<void>> {
    if (this.#state !== 'off') return this.#cannot('lose the disk of', 'the VM is on')
    this.#forget(() => true)
    return done
  }

  #enter(state: VmState): Result<void> {
    this.#state = state
    this.#standstill.resolve()
    this.#standstill = Promise.withResolvers()
    return done
  }

  #forget(isGone: (path: string) => boolean): void {
    for (const path of this.files.keys()) if (isGone(path)) this.files.delete(path)
  }

  #cannot(what: string, why: string): { readonly ok: false; readonly failure: Failure } {
    return fail(usage(`Cannot ${what} "${this.spec.name}": ${why}`))
  }
}

/** Whether a frame gets from one VM to the other; undefined is the client. */
export function isHeard(sender: FakeVm | undefined, receiver: FakeVm | undefined): boolean {
  const passes = (vm: FakeVm | undefined, way: 'in' | 'out', other: FakeVm | undefined): boolean => {
    if (vm === undefined) return true
    const { direction, from } = vm.cut ?? {}
    const isMeant = from === undefined || (other !== undefined && from.includes(other.spec.id))
    const isCut = isMeant && (direction === 'both' || direction === way)
    return vm.isRunning && !isCut && (vm.loss === undefined || vm.loss.draw() >= vm.loss.percent / 100)
  }
  return passes(sender, 'out', receiver) && passes(receiver, 'in', sender)
}
