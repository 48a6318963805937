/** What a scenario did and when: its steps, and from when to when each fault lasted. */
import { monotonicMs } from '../../platform/clock.ts'
import type { FaultSpan, StepRecord } from '../record/record.ts'

export class Journal {
  readonly originMs: number
  readonly steps: StepRecord[] = []
  /** The name of the VM of the latest fault. */
  lastFaulted: string | undefined
  readonly #log: (line: string) => void
  readonly #faults: { fault: string; vm: string; detail: string | null; fromMs: number; toMs: number | null }[] = []

  constructor(originMs: number, log: (line: string) => void) {
    this.originMs = originMs
    this.#log = log
  }

  /** Milliseconds since the scenario began. */
  now(): number {
    return monotonicMs() - this.originMs
  }

  log(line: string): void {
    this.#log(line)
  }

  /** A step that ended just now. */
  step(step: Omit<StepRecord, 'toMs'>): void {
    const toMs = this.now()
    this.steps.push({ ...step, toMs })
    const took = `${((toMs - step.fromMs) / 1000).toFixed(2)} s`
    this.#log(`${step.step.padEnd(20)} ${took.padStart(8)}  ${step.holds ? '' : 'FAILED: '}${step.seen}`)
  }

  faultBegan(fault: string, vm: string): void {
    this.lastFaulted = vm
    this.#faults.push({ fault, vm, detail: null, fromMs: this.now(), toMs: null })
  }

  /** What it did, in words, once that is known. */
  faultDetail(fault: string, vm: string, detail: string): void {
    const latest = this.#faults.findLast(one => one.fault === fault && one.vm === vm)
    if (latest && detail !== '') latest.detail = detail
  }

  /** Those of the VM, or of these kinds only. */
  faultsEnded(vm: string, kinds?: readonly string[]): void {
    const toMs = this.now()
    for (const one of this.#faults) if (one.vm === vm && (kinds?.includes(one.fault) ?? true)) one.toMs ??= toMs
  }

  get faults(): readonly FaultSpan[] {
    return this.#faults.map(fault => ({ ...fault }))
  }
}
