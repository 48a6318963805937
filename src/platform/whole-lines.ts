/** Cuts text that arrives in pieces into lines. */
export class WholeLines {
  #rest = ''

  /** The lines that this piece completed. */
  add(text: string): string[] {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    return lines
  }

  /** A last line that lacks its end, when nothing more will come; empty when there is none. */
  end(): string {
    const rest = this.#rest
    this.#rest = ''
    return rest
  }
}
