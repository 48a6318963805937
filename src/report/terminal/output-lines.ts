/** Cuts what a task prints into lines, and remembers the last ones for the case that it fails. */
import { withoutEscapes } from '../printable.ts'

const remembered = 12

export class OutputLines {
  readonly #rest = { stdout: '', stderr: '' }
  readonly #last: string[] = []

  /** The lines that this piece of text completed. */
  add(text: string, stream: 'stdout' | 'stderr'): readonly string[] {
    const lines = (this.#rest[stream] + text).split('\n')
    this.#rest[stream] = lines.pop() ?? ''
    return this.#remember(lines)
  }

  /** Lines that lack their end, when nothing more will come. */
  end(): readonly string[] {
    const lines = [this.#rest.stdout, this.#rest.stderr].filter(line => line !== '')
    this.#rest.stdout = ''
    this.#rest.stderr = ''
    return this.#remember(lines)
  }

  get last(): readonly string[] {
    return this.#last
  }

  #remember(lines: readonly string[]): readonly string[] {
    const shown = lines.map(printable)
    this.#last.push(...shown.filter(line => line.trim() !== ''))
    this.#last.splice(0, this.#last.length - remembered)
    return shown
  }
}

/** What a program that redraws its line would have left on it; nothing that moves the cursor. */
function printable(line: string): string {
  const visible = withoutEscapes(line.trimEnd())
  return visible
    .slice(visible.lastIndexOf('\r') + 1)
    .replaceAll('\t', '    ')
    .replaceAll(/\p{Cc}/gu, '')
}
