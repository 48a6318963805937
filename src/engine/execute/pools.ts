/** The order in which p-queue starts what is ready: first come, first served, as far as the pools have room. */
type Job = () => Promise<unknown>

export interface Claim {
  readonly resources: Readonly<Record<string, number>>
}

/** Counts what running tasks hold of each pool. */
export class Pools {
  readonly #sizes: Readonly<Record<string, number>>
  readonly #used = new Map<string, number>()

  constructor(sizes: Readonly<Record<string, number>>) {
    this.#sizes = sizes
  }

  size(pool: string): number {
    return this.#sizes[pool] ?? 1
  }

  fits({ resources }: Claim): boolean {
    return Object.entries(resources).every(
      ([pool, amount]) => (this.#used.get(pool) ?? 0) + this.#amount(pool, amount) <= this.size(pool),
    )
  }

  take(claim: Claim): void {
    this.#add(claim, 1)
  }

  release(claim: Claim): void {
    this.#add(claim, -1)
  }

  /** A task that wants more cores than there are gets all of them. */
  #amount(pool: string, amount: number): number {
    return pool === 'cpu' ? Math.min(amount, this.size(pool)) : amount
  }

  #add({ resources }: Claim, sign: 1 | -1): void {
    for (const [pool, amount] of Object.entries(resources))
      this.#used.set(pool, (this.#used.get(pool) ?? 0) + sign * this.#amount(pool, amount))
  }
}

interface Waiting {
  readonly claim: Claim
  readonly jobs: Job[]
}

/** p-queue asks for `size` before it dequeues, so what does not fit now is not counted. */
export class ResourceQueue {
  readonly #pools: Pools
  /** Jobs with equal claims wait in one line: whether the first fits decides for all. */
  readonly #lines = new Map<string, Waiting>()

  constructor(pools: Pools) {
    this.#pools = pools
  }

  get size(): number {
    let count = 0
    for (const { claim, jobs } of this.#lines.values())
      if (jobs.length > 0 && this.#pools.fits(claim)) count += jobs.length
    return count
  }

  enqueue(run: Job, options?: Partial<Claim>): void {
    const claim = { resources: options?.resources ?? {} }
    const id = JSON.stringify(Object.entries(claim.resources).sort())
    const line = this.#lines.get(id)
    if (line) line.jobs.push(run)
    else this.#lines.set(id, { claim, jobs: [run] })
  }

  /** The claim is taken here, so that the next look sees it. The job releases it when it ends. */
  dequeue(): Job | undefined {
    for (const { claim, jobs } of this.#lines.values()) {
      if (jobs.length === 0 || !this.#pools.fits(claim)) continue
      this.#pools.take(claim)
      return jobs.shift()
    }
    return undefined
  }

  filter(): Job[] {
    return [...this.#lines.values()].flatMap(({ jobs }) => jobs)
  }

  setPriority(): void {
    throw new Error('Tasks have no priorities')
  }

  remove(): void {
    throw new Error('Tasks leave the queue by running')
  }
}
