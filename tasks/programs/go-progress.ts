/** What a Go build is at, from the lines that its script prints. */
import { monotonicMs } from '../../src/platform/clock.ts'
import { type BuildTimes, Marks, remainingSeconds, remainingText } from './build-times.ts'

export interface GoProgressOptions {
  /** The steps of the script, as it announces them: "== compile". */
  readonly steps: readonly string[]
  readonly last: BuildTimes | undefined
  /** False: the build goes on where another was interrupted. */
  readonly isWhole: boolean
  report(text: string): void
}

/** "== compile <packages to compile> <all packages>" begins the compiling; then each line with a package is one. */
export class GoProgress {
  readonly #options: GoProgressOptions
  #step = ''
  #all = 0
  #stale = 0
  #compiled = 0
  #startedMs = 0
  #marks = new Marks(0)
  #endedMs = 0

  constructor(options: GoProgressOptions) {
    this.#options = options
  }

  add(line: string): void {
    const [, step, stale, all] = /^== (\w+)(?: (\d+))?(?: (\d+))?$/.exec(line) ?? []
    if (step !== undefined) this.#enter(step, Number(stale ?? 0), Number(all ?? stale ?? 0))
    else if (this.#step === 'compile' && /^[\w./~-]+$/.test(line)) {
      this.#compiled++
      this.#marks.done(this.#done(), this.#seconds())
    } else return
    const { steps } = this.#options
    const where = `step ${steps.indexOf(this.#step) + 1} of ${steps.length} · ${this.#step}`
    this.#options.report([where, ...this.#compiling()].join(' · '))
  }

  /** Undefined for a build that went on where another was interrupted: what it took says nothing. */
  times(): BuildTimes | undefined {
    if (!this.#options.isWhole || this.#compiled === 0) return undefined
    return this.#marks.times((this.#endedMs - this.#startedMs) / 1000)
  }

  #enter(step: string, stale: number, all: number): void {
    if (this.#step === 'compile') this.#endedMs = monotonicMs()
    this.#step = step
    if (step !== 'compile') return
    this.#stale = stale
    this.#all = Math.max(stale, all)
    this.#marks = new Marks(this.#all)
    this.#startedMs = monotonicMs()
  }

  #compiling(): readonly string[] {
    if (this.#step !== 'compile') return []
    const counted = `${this.#compiled} of ${this.#stale} packages compiled`
    const { last } = this.#options
    if (last === undefined || this.#all === 0) return [counted]
    const from = 1 - this.#stale / this.#all
    const now = Math.min(1, this.#done() / this.#all)
    return [counted, remainingText(remainingSeconds(last, { from, now, elapsedSeconds: this.#seconds() }))]
  }

  /** Packages that need no more work, those that were there before among them. */
  #done(): number {
    return this.#all - this.#stale + this.#compiled
  }

  #seconds(): number {
    return (monotonicMs() - this.#startedMs) / 1000
  }
}
