/** A text file whose places can be named and shown: `file:line:column` and the line with a caret. */
export class SourceText {
  /** As a user sees it: relative to the project where it lies inside. */
  readonly file: string
  readonly text: string
  #lineStarts: readonly number[] | undefined

  constructor(file: string, text: string) {
    this.file = file
    this.text = text
  }

  place(offset: number): Place {
    const starts = this.#starts()
    let [low, high] = [0, starts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { file: this.file, line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }

  /** One line of the text and a caret line below; long lines are cut. */
  excerpt(offset: number, length: number): string {
    const { line, column } = this.place(offset)
    const start = this.#starts()[line - 1] ?? 0
    const whole = this.text.slice(
      start,
      this.text.indexOf('\n', start) === -1 ? undefined : this.text.indexOf('\n', start),
    )
    const from = Math.max(0, column - 1 - 60)
    const shown = whole.slice(from, from + 120).replaceAll('\t', ' ')
    const caretAt = column - 1 - from
    const carets = '^'.repeat(Math.max(1, Math.min(length, shown.length - caretAt)))
    const number = String(line)
    return `${number} | ${shown}\n${' '.repeat(number.length)} | ${' '.repeat(caretAt)}${carets}`
  }

  #starts(): readonly number[] {
    if (this.#lineStarts) return this.#lineStarts
    const starts = [0]
    for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1)
    this.#lineStarts = starts
    return starts
  }
}

export const placeText = (place: Place): string => `${place.file}:${place.line}:${place.column}`

/** A place in a file of the project: `file` is relative to the project's folder, line and column start at 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}
