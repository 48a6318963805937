/** Starts what is ready: first come, first served, as far as the pools have room. */
import type { Claim, Pools } from './pools.ts'

type Start = () => void

interface Waiting {
  readonly claim: Claim
  readonly starts: Start[]
}

export class ReadyQueue {
  readonly #pools: Pools
  /** Tasks with equal claims wait in one line: whether the first fits decides for all. */
  readonly #lines = new Map<string, Waiting>()

  constructor(pools: Pools) {
    this.#pools = pools
  }

  /** `start` is called once the claim is taken: at once, or when others gave back enough. */
  add(claim: Claim, start: Start): void {
    const id = JSON.stringify(Object.entries(claim.resources).sort())
    const line = this.#lines.get(id)
    if (line) line.starts.push(start)
    else this.#lines.set(id, { claim, starts: [start] })
    this.#startWhatFits()
  }

  /** What was taken of the pools, or a part of it, is free again. */
  giveBack(claim: Claim): void {
    this.#pools.release(claim)
    this.#startWhatFits()
  }

  #startWhatFits(): void {
    for (let start = this.#next(); start; start = this.#next()) start()
  }

  /** The claim is taken here, so that the next look sees it. */
  #next(): Start | undefined {
    for (const { claim, starts } of this.#lines.values()) {
      if (starts.length === 0 || !this.#pools.fits(claim)) continue
      this.#pools.take(claim)
      return starts.shift()
    }
    return undefined
  }
}
