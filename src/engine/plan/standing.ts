/** Where a run stands: how its tasks ended so far, and which of the others are passed over because of that. */
import type { Task } from '../workflow/workflow.ts'
import type { Ended } from './outcome.ts'

/** What passes tasks over, besides failed needs. */
export interface PassOverRules {
  readonly keepGoing?: boolean
  /** Clean-up tasks do not run: always, or only when something failed. */
  readonly keep?: boolean
  readonly keepOnFailure?: boolean
  readonly signal?: AbortSignal
}

export interface PassedOver {
  readonly action: 'pass over'
  readonly status: 'skipped' | 'cancelled' | 'kept'
  readonly because: string
}

export class Standing {
  readonly #rules: PassOverRules
  readonly #ended = new Map<string, Ended>()
  #firstFailed: string | undefined

  constructor(rules: PassOverRules) {
    this.#rules = rules
  }

  end(ended: Ended): void {
    this.#ended.set(ended.task, ended)
    if (ended.status === 'failed') this.#firstFailed ??= ended.task
  }

  of(task: string): Ended | undefined {
    return this.#ended.get(task)
  }

  has(task: string): boolean {
    return this.#ended.has(task)
  }

  get count(): number {
    return this.#ended.size
  }

  /** The first need of which nothing is known yet: it has not ended, or would have to run. */
  openNeed(task: Task): string | undefined {
    return task.needs.find(need => {
      const status = this.of(need)?.status
      return status === undefined || status === 'would-execute' || status === 'unknown'
    })
  }

  /** The first need that a dry run found in a cache. */
  restorableNeed(task: Task): string | undefined {
    return task.needs.find(need => this.of(need)?.status === 'would-restore')
  }

  /** Undefined: nothing that happened so far keeps the task from its turn. */
  passedOver(task: Task): PassedOver | undefined {
    if (task.always) return this.#passedOverCleaning(task)
    if (this.#rules.signal?.aborted) return passOver('cancelled', 'interrupted')
    const need = task.needs.find(name => !isGood(this.of(name)))
    if (need !== undefined) return passOver('skipped', whyNot(need, this.of(need)))
    if (this.#firstFailed !== undefined && !this.#rules.keepGoing)
      return passOver('skipped', `${this.#firstFailed} failed`)
    return undefined
  }

  #passedOverCleaning({ cleans }: Task): PassedOver | undefined {
    if (cleans === undefined) return undefined
    const { keep, keepOnFailure, signal } = this.#rules
    if (!this.of(cleans)?.started) return passOver('skipped', `${cleans} did not run`)
    if (keep) return passOver('kept', 'kept as asked')
    const failed = signal?.aborted || this.#firstFailed !== undefined
    return keepOnFailure && failed ? passOver('kept', 'kept, because something failed') : undefined
  }
}

const passOver = (status: PassedOver['status'], because: string): PassedOver => ({
  action: 'pass over',
  status,
  because,
})

const isGood = (ended: Ended | undefined): boolean =>
  ended === undefined || ended.status === 'executed' || ended.status === 'restored' || ended.status === 'up-to-date'

const whyNot = (need: string, ended: Ended | undefined): string =>
  ended?.status === 'skipped' ? ended.because : `${need} ${ended?.status === 'cancelled' ? 'was cancelled' : 'failed'}`
