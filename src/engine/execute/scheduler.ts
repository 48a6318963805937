/**
 * Runs tasks as their needs end: concurrently as the pools allow, and clean-up tasks no matter what happened before.
 */
import type { Ended } from '../plan/outcome.ts'
import type { PassedOver, Standing } from '../plan/standing.ts'
import type { Task } from '../workflow/workflow.ts'
import type { Claim, Pools } from './pools.ts'
import { ReadyQueue } from './ready-queue.ts'

export interface SchedulerOptions {
  readonly tasks: readonly Task[]
  readonly standing: Standing
  readonly pools: Pools
  readonly shuffle: <T>(items: T[]) => T[]
  /** `hasRun` is to be called when the task's program has ended: what is left to do takes no room from other tasks. */
  readonly perform: (task: Task, hasRun: () => void) => Promise<Ended>
  /** A task that ends without waiting for room. */
  readonly passOver: (task: Task, passed: PassedOver) => Ended
}

export class Scheduler {
  readonly #options: SchedulerOptions
  readonly #queue: ReadyQueue
  readonly #waitsFor = new Map<string, number>()
  readonly #followers = new Map<string, Task[]>()
  /** By the task that is cleaned up after: its clean-up tasks that have not ended. */
  readonly #cleaners = new Map<string, Set<string>>()
  /** What it has of the pools until they have: what it made is there as long. */
  readonly #held = new Map<string, Claim>()
  /** Ended tasks whose followers have not been looked at: a list, as a long chain would end a recursion's stack. */
  readonly #endings: Task[] = []
  #open = 0
  #draining = false
  #finished = Promise.withResolvers<void>()

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#queue = new ReadyQueue(options.pools)
  }

  /** Resolves when every task has ended. */
  async run(): Promise<void> {
    const { tasks, standing, shuffle } = this.#options
    const open = tasks.filter(task => !standing.has(task.name))
    const names = new Set(open.map(task => task.name))
    this.#open = open.length
    for (const task of open) {
      const earlier = [...task.needs, ...task.after].filter(name => names.has(name))
      this.#waitsFor.set(task.name, earlier.length)
      for (const name of earlier) this.#follow(name, task)
      if (task.cleans !== undefined)
        this.#cleaners.set(task.cleans, (this.#cleaners.get(task.cleans) ?? new Set()).add(task.name))
    }
    if (this.#open === 0) return
    for (const task of shuffle(open.filter(({ name }) => this.#waitsFor.get(name) === 0))) this.#ready(task)
    await this.#finished.promise
  }

  #follow(name: string, task: Task): void {
    const followers = this.#followers.get(name)
    if (followers) followers.push(task)
    else this.#followers.set(name, [task])
  }

  #ready(task: Task): void {
    const { standing, passOver } = this.#options
    const passed = standing.passedOver(task)
    if (passed) {
      this.#end(task, passOver(task, passed))
      return
    }
    this.#queue.add({ resources: task.resources }, () => void this.#start(task))
  }

  async #start(task: Task): Promise<void> {
    const hasRun = Promise.withResolvers<void>()
    const given = this.#hold(task)
    void this.#perform(task, hasRun.resolve).finally(hasRun.resolve)
    await hasRun.promise
    this.#queue.giveBack(given)
  }

  /** What the task gives back when it has run: of one that others clean up after, the cores only. */
  #hold(task: Task): Claim {
    if (!this.#cleaners.has(task.name)) return { resources: task.resources }
    const { cpu = 0, ...held } = task.resources
    this.#held.set(task.name, { resources: held })
    return { resources: { cpu } }
  }

  #letGo(cleaner: Task): void {
    const cleaners = this.#cleaners.get(cleaner.cleans ?? '')
    if (cleaner.cleans === undefined || !cleaners?.delete(cleaner.name) || cleaners.size > 0) return
    const held = this.#held.get(cleaner.cleans)
    if (held === undefined) return
    this.#held.delete(cleaner.cleans)
    this.#queue.giveBack(held)
  }

  async #perform(task: Task, hasRun: () => void): Promise<void> {
    try {
      this.#end(task, await this.#options.perform(task, hasRun))
    } catch (error) {
      this.#finished.reject(error)
    }
  }

  #end(task: Task, ended: Ended): void {
    this.#options.standing.end(ended)
    this.#letGo(task)
    this.#endings.push(task)
    if (this.#draining) return
    this.#draining = true
    for (let next = this.#endings.shift(); next; next = this.#endings.shift()) this.#startFollowers(next)
    this.#draining = false
    if (this.#open === 0) this.#finished.resolve()
  }

  #startFollowers(task: Task): void {
    this.#open -= 1
    const ready = (this.#followers.get(task.name) ?? []).filter(follower => {
      const left = (this.#waitsFor.get(follower.name) ?? 0) - 1
      this.#waitsFor.set(follower.name, left)
      return left === 0
    })
    for (const follower of this.#options.shuffle(ready)) this.#ready(follower)
  }
}

/** A shuffle that the same seed repeats; without a seed, the order stays. */
export function shuffler(seed: number | undefined): <T>(items: T[]) => T[] {
  if (seed === undefined) return items => items
  let state = seed >>> 0
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  return items => {
    const shuffled = [...items]
    for (let at = shuffled.length - 1; at > 0; at--) {
      const other = Math.floor(random() * (at + 1))
      const [a, b] = [shuffled[at], shuffled[other]]
      if (a !== undefined && b !== undefined) [shuffled[at], shuffled[other]] = [b, a]
    }
    return shuffled
  }
}
