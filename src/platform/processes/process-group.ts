/** Process groups: who runs, within which limits, and how all of one is ended: politely, then hard. */
import { readFileSync } from 'node:fs'
import { monotonicMs } from '../clock.ts'
import { type Failure, failed } from '../failure.ts'
import { poll } from '../poll.ts'
import { type ProcessIdentity, processIds } from './process-identity.ts'
import { endStrays, type StraySigns, sendEach, straysOf } from './strays.ts'

export interface GroupLimits {
  readonly signal?: AbortSignal
  /** 0 or absent: no limit. */
  readonly timeoutMs?: number
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs?: number
  /** How to find what left the group, which is then ended with it. Absent: that goes on. */
  readonly strays?: StraySigns
}

/** Told of every process group that is started here and seen to end. */
export interface GroupWatcher {
  add(group: number): void
  remove(group: number): void
}

const defaultGraceMs = 5_000
export const leftoverGraceMs = 1_000

let watcher: GroupWatcher | undefined

/** One at a time; undefined ends it. */
export const watchGroups = (next: GroupWatcher | undefined): void => {
  watcher = next
}

/** Those whose leader has not ended. */
const running = new Set<LimitedGroup>()

/** Ctrl-Z: all of them stand still, and so do their time-outs. */
export function pauseGroups(): void {
  for (const group of running) group.pause()
}

export function resumeGroups(): void {
  for (const group of running) group.resume()
}

/** A group that is ended when its time is over or the caller aborts, as soon as it is known. */
export class LimitedGroup {
  readonly #limits: GroupLimits
  #timer: NodeJS.Timeout | undefined
  #timerSetAtMs = 0
  #leftMs: number
  #paused: readonly ProcessIdentity[] | undefined
  readonly #abort = () => this.#end('abort')
  #group: number | undefined
  #endedBy: 'time-out' | 'abort' | undefined
  #ending: Promise<void> | undefined

  constructor(limits: GroupLimits) {
    this.#limits = limits
    const { signal, timeoutMs } = limits
    running.add(this)
    this.#leftMs = timeoutMs ?? 0
    this.#setTimer()
    if (signal?.aborted) this.#abort()
    else signal?.addEventListener('abort', this.#abort, { once: true })
  }

  started(group: number): void {
    this.#group = group
    watcher?.add(group)
    if (this.#endedBy) this.#end(this.#endedBy)
  }

  /** To be called when its leader has ended. */
  ended(): void {
    if (this.#group !== undefined) watcher?.remove(this.#group)
    running.delete(this)
    clearTimeout(this.#timer)
    this.#limits.signal?.removeEventListener('abort', this.#abort)
  }

  /** What left the group stands still with it. */
  pause(): void {
    if (this.#group === undefined || this.#paused) return
    const { strays } = this.#limits
    this.#paused = strays ? straysOf(this.#group, strays) : []
    signalGroup(this.#group, 'SIGSTOP')
    sendEach(this.#paused, 'SIGSTOP')
    clearTimeout(this.#timer)
    this.#leftMs -= monotonicMs() - this.#timerSetAtMs
  }

  resume(): void {
    if (this.#group === undefined || !this.#paused) return
    signalGroup(this.#group, 'SIGCONT')
    sendEach(this.#paused, 'SIGCONT')
    this.#paused = undefined
    this.#setTimer()
  }

  #setTimer(): void {
    if (!this.#limits.timeoutMs) return
    this.#timerSetAtMs = monotonicMs()
    this.#timer = setTimeout(() => this.#end('time-out'), Math.max(1, this.#leftMs))
  }

  /** Resolves when nothing is left of a group that was ended: its leader may have ended long before. */
  async settled(): Promise<void> {
    await this.#ending
  }

  /** Why it was ended, if it did not end by itself. `last`: the end of what it printed. */
  failure(name: string, last?: string): Failure | undefined {
    if (this.#endedBy === 'abort') return { kind: 'interrupted', message: `Interrupted: ${name}` }
    if (this.#endedBy === undefined) return undefined
    const message = `Cannot finish "${name}": it was still running after ${this.#limits.timeoutMs} ms`
    return failed(message, last === undefined ? {} : { last })
  }

  #end(why: 'time-out' | 'abort'): void {
    this.#endedBy ??= why
    if (this.#group !== undefined) this.#ending ??= this.#endAll(this.#group)
  }

  /** Strays after the group, as one of it may see to them when it is ended. */
  async #endAll(group: number): Promise<void> {
    const { graceMs = defaultGraceMs, strays } = this.#limits
    const found = strays ? straysOf(group, strays) : []
    await endGroup(group, graceMs)
    await endStrays(found, graceMs)
  }
}

/** Ends what a leader that has ended left in its group. */
export async function endLeftovers(group: number): Promise<void> {
  if (signalGroup(group, 0)) await endGroup(group, leftoverGraceMs)
}

/**
 * Ends a process group: SIGTERM, and SIGKILL when something of it is left after the grace time. One that is being ended
 * already gets no second SIGTERM, which many programs take for "at once".
 */
export function endGroup(leader: number, graceMs: number): Promise<void> {
  const known = endings.get(leader)
  if (known) return known
  const ending = endNow(leader, graceMs).finally(() => endings.delete(leader))
  endings.set(leader, ending)
  return ending
}

const endings = new Map<number, Promise<void>>()

async function endNow(leader: number, graceMs: number): Promise<void> {
  if (!signalGroup(leader, 'SIGTERM')) return
  const isLeft = await poll(
    () => signalGroup(leader, 0),
    left => !left,
    { everyMs: 20, withinMs: graceMs },
  )
  if (isLeft) signalGroup(leader, 'SIGKILL')
}

/** False when no process of the group is left. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal)
    return signal !== 0 || hasLiving(leader)
  } catch {
    return false
  }
}

/** A zombie waits for a parent that may never look; it holds nothing and does nothing. */
function hasLiving(group: number): boolean {
  for (const pid of processIds()) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (Number(processGroup) === group && state !== 'Z' && state !== 'X') return true
    } catch {}
  }
  return false
}
