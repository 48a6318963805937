/** What a scenario did and when: its steps, and from when to when each fault lasted. Reported as it happens. */
import { monotonicMs } from '../../platform/clock.ts'
import type { VipChange } from '../probes/vip-monitor.ts'
import type { FaultSpan, StepRecord } from '../record/record.ts'
import type { TellScenario } from '../record/scenario-events.ts'

export interface JournalOptions {
  /** When the scenario began, on the clock of monotonicMs. */
  readonly originMs: number
  /** Lines for the user. */
  readonly log: (line: string) => void
  readonly tell: TellScenario
}

type StepKind = 'step' | 'check'

export class Journal {
  readonly originMs: number
  readonly steps: StepRecord[] = []
  /** The name of the VM of the latest fault. */
  lastFaulted: string | undefined
  readonly #log: (line: string) => void
  readonly #tell: TellScenario
  readonly #faults: { fault: string; vm: string; detail: string | null; fromMs: number; toMs: number | null }[] = []

  constructor({ originMs, log, tell }: JournalOptions) {
    this.originMs = originMs
    this.#log = log
    this.#tell = tell
  }

  /** Milliseconds since the scenario began. */
  now(): number {
    return monotonicMs() - this.originMs
  }

  log(line: string): void {
    this.#log(line)
  }

  /** A step that begins now; when that is. */
  stepBegan(kind: StepKind, step: string): number {
    const fromMs = this.now()
    this.#tell({ kind: `${kind}-began`, data: { step, fromMs } })
    return fromMs
  }

  /** A step that ended just now. */
  stepEnded(kind: StepKind, step: Omit<StepRecord, 'toMs'>): void {
    const ended = { ...step, toMs: this.now() }
    this.steps.push(ended)
    this.#tell({ kind: `${kind}-ended`, data: ended })
    const took = `${((ended.toMs - step.fromMs) / 1000).toFixed(2)} s`
    this.#log(`${step.step.padEnd(20)} ${took.padStart(8)}  ${step.holds ? '' : 'FAILED: '}${step.seen}`)
  }

  faultBegan(fault: string, vm: string): void {
    const fromMs = this.now()
    this.lastFaulted = vm
    this.#faults.push({ fault, vm, detail: null, fromMs, toMs: null })
    this.#tell({ kind: 'fault-began', data: { fault, vm, fromMs } })
  }

  /** What it did, in words, once that is known. */
  faultDetail(fault: string, vm: string, detail: string): void {
    const latest = this.#faults.findLast(one => one.fault === fault && one.vm === vm)
    if (latest && detail !== '') latest.detail = detail
  }

  /** Those of the VM, or of these kinds only. */
  faultsEnded(vm: string, kinds?: readonly string[]): void {
    const toMs = this.now()
    for (const one of this.#faults) {
      if (one.toMs !== null || one.vm !== vm || !(kinds?.includes(one.fault) ?? true)) continue
      one.toMs = toMs
      this.#tell({ kind: 'fault-ended', data: { ...one } })
    }
  }

  /** `at`: on the clock of monotonicMs. */
  vipChanged({ at, ...change }: VipChange): void {
    this.#tell({ kind: 'vip-changed', data: { ...change, atMs: at - this.originMs } })
  }

  get faults(): readonly FaultSpan[] {
    return this.#faults.map(fault => ({ ...fault }))
  }
}
