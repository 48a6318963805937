/** As much of a terminal as the live report uses: lines with a scrollback, cursor up, carriage return, clear below. */
const esc = '\u001b'
const sequence = new RegExp(`^${esc}\\[(\\d*)([A-Za-z])$`)
const token = new RegExp(`${esc}\\[\\d*[A-Za-z]|[^]`, 'gu')

export class Screen {
  columns: number
  readonly rows: number
  #lines: string[] = ['']
  #row = 0

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
  }

  /** Every line that was ever written and not taken back, scrolled out or not. */
  lines(): readonly string[] {
    return this.#lines.slice(0, this.#lines.at(-1) === '' ? -1 : undefined)
  }

  /** Wraps what is too long, as terminals do. */
  resize(columns: number): void {
    this.columns = columns
    this.#lines = this.#lines.flatMap(line => line.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? [''])
    this.#row = this.#lines.length - 1
  }

  write(text: string): void {
    for (const [next] of text.matchAll(token)) this.#put(next)
  }

  #put(next: string): void {
    const [, amount = '', command] = sequence.exec(next) ?? []
    if (command === 'A') {
      // The cursor stops at the top of the screen: what scrolled out is out of reach.
      const top = Math.max(0, this.#lines.length - this.rows)
      this.#row = Math.max(top, this.#row - Number(amount))
    } else if (command === 'J') {
      this.#lines.splice(this.#row + 1)
      this.#lines[this.#row] = ''
    } else if (command === undefined && next === '\n') {
      this.#row += 1
      if (this.#row === this.#lines.length) this.#lines.push('')
    } else if (command === undefined && next !== '\r') this.#add(next)
  }

  #add(character: string): void {
    const line = this.#lines[this.#row] ?? ''
    if (line.length < this.columns) this.#lines[this.#row] = line + character
    else {
      this.#put('\n')
      this.#add(character)
    }
  }
}
