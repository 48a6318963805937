/** Pools of resources that tasks share: cores, clusters, and what else a workflow names. */
import type { Manner } from '../run-options.ts'

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
    return (Object.hasOwn(this.#sizes, pool) ? this.#sizes[pool] : undefined) ?? 1
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

export const poolsOf = ({ pools, concurrency }: Manner): Pools => new Pools({ ...pools, cpu: concurrency })
