/** What a scenario did and when: its steps, and from when to when each fault lasted. */
import { monotonicMs } from '../platform/clock.ts'
import type { FaultSpan, StepRecord } from './record.ts'

export class Journal {
  readonly originMs: number
  readonly steps: StepRecord[] = []
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

  /** `momentary`: it has no end of its own, as a killed process has none. */
  faultBegan(fault: Omit<FaultSpan, 'toMs'>, momentary: boolean): void {
    this.#faults.push({ ...fault, toMs: momentary ? this.now() : null })
  }

  /** Everything that was wrong with the VM is over. */
  faultsEnded(vm: string): void {
    const toMs = this.now()
    for (const fault of this.#faults) if (fault.vm === vm) fault.toMs ??= toMs
  }

  get faults(): readonly FaultSpan[] {
    return this.#faults.map(fault => ({ ...fault }))
  }
}
