/** Cuts what a task prints into lines, and remembers the last ones for the case that it fails. */
import { WholeLines } from '../../platform/whole-lines.ts'
import { withoutEscapes } from '../printable.ts'

const remembered = 12
const longestLine = 64 * 1024

export class OutputLines {
  readonly #streams = { stdout: new WholeLines(longestLine), stderr: new WholeLines(longestLine) }
  readonly #last: string[] = []

  /** The lines that this piece of text completed. */
  add(text: string, stream: 'stdout' | 'stderr'): readonly string[] {
    return this.#remember(this.#streams[stream].add(text))
  }

  /** Lines that lack their end, when nothing more will come. */
  end(): readonly string[] {
    const { stdout, stderr } = this.#streams
    return this.#remember([stdout.end(), stderr.end()].filter(line => line !== ''))
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
