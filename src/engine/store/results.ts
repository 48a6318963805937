/** The results on this disk as one run uses them: opened with the first look, and how much the run has added. */
import type { ResultCache } from './result-cache.ts'

export class Results {
  /** Bytes that this run put into the store. */
  addedBytes = 0
  readonly #cacheDir: string
  #opened: Promise<ResultCache> | undefined

  constructor(cacheDir: string) {
    this.#cacheDir = cacheDir
  }

  /** Loaded late, with keyv: most runs find everything in place. */
  open(): Promise<ResultCache> {
    this.#opened ??= import('./result-cache.ts').then(({ ResultCache }) => new ResultCache(this.#cacheDir))
    return this.#opened
  }
}
