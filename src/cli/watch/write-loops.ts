/** Notices in watch mode that runs change their own inputs, which would make another run necessary for ever. */

/** Runs in a row that changed the same file. */
const sameFileRuns = 3
/** Runs in a row that changed any: a user who saves several files during long runs does so, too. */
const anyFileRuns = 5

export class WriteLoops {
  /** What changed during each of the last runs, the latest last; begins anew with a run in which nothing did. */
  #rounds: (readonly string[])[] = []
  /** What was found to be written by the runs themselves. */
  readonly #own = new Set<string>()

  /** Files whose changes during the next run shall not end it. */
  get suspects(): ReadonlySet<string> {
    const isOften = this.#rounds.length >= sameFileRuns - 1
    return new Set([...this.#own, ...(isOften ? changedInEach(this.#rounds.slice(1 - sameFileRuns)) : [])])
  }

  /** What the run that ended now has changed; gives back those that it is sure of, which are to be told. */
  add(changed: readonly string[]): readonly string[] {
    const news = changed.filter(path => !this.#own.has(path))
    if (news.length === 0) {
      this.#rounds = []
      return []
    }
    this.#rounds.push(news)
    const own =
      this.#rounds.length >= anyFileRuns
        ? news
        : this.#rounds.length >= sameFileRuns
          ? changedInEach(this.#rounds.slice(-sameFileRuns))
          : []
    if (own.length > 0) this.#rounds = []
    for (const path of own) this.#own.add(path)
    return own
  }

  isOwn(path: string): boolean {
    return this.#own.has(path)
  }
}

function changedInEach([first = [], ...others]: readonly (readonly string[])[]): readonly string[] {
  return first.filter(path => others.every(paths => paths.includes(path)))
}
