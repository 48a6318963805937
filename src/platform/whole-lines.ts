/** Cuts text that arrives in pieces into lines. */
export class WholeLines {
  #rest = ''
  readonly #longest: number

  /** `longest`: what goes on without an end is cut there; it might be all that a program ever prints. */
  constructor(longest = Number.POSITIVE_INFINITY) {
    this.#longest = longest
  }

  /** The lines that this piece completed. */
  add(text: string): string[] {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    if (this.#rest.length > this.#longest) {
      lines.push(this.#rest)
      this.#rest = ''
    }
    return lines
  }

  /** A last line that lacks its end, when nothing more will come; empty when there is none. */
  end(): string {
    const rest = this.#rest
    this.#rest = ''
    return rest
  }
}
