/** Text of others (programs, logs, files) made safe to print on a terminal: nothing that moves the cursor or colours. */

/** Without escape sequences. An import of node:util would load what hides behind each of its names, at every start. */
export const withoutEscapes = (text: string): string =>
  process.getBuiltinModule('node:util').stripVTControlCharacters(text)

/** One line. */
export const printable = (text: string): string =>
  withoutEscapes(text)
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\uFFFD')
    .trim()

/** Broken between words, or within those that are too long. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (let word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length <= width) {
      line += ` ${word}`
      continue
    }
    if (line !== '') lines.push(line)
    for (; word.length > width; word = word.slice(width)) lines.push(word.slice(0, width))
    line = word
  }
  return line === '' ? lines : [...lines, line]
}
