/** Text of others (programs, logs, files) made safe to print on a terminal: nothing that moves the cursor or colours. */

/** Without escape sequences. An import of node:util would load what hides behind each of its names, at every start. */
export const withoutEscapes = (text: string): string =>
  process.getBuiltinModule('node:util').stripVTControlCharacters(text)

/** What moves the cursor, sets a title or turns the direction of a line; not line breaks and tabs. */
const controls = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u
const color = `${String.fromCharCode(27)}\\[[\\d;:]*m`
const colors = new RegExp(color, 'g')
const controlOrColor = new RegExp(`${color}|${controls.source}`, 'gu')

export const withoutColors = (text: string): string => text.replaceAll(colors, '')

/** Names, reasons and messages, in one line: every control character is shown escaped. */
export const shownInLine = (text: string): string =>
  controls.test(text) ? text.replaceAll(controlOrColor, escaped) : text

/** The same for texts of lines. `keepColors`: those may stay. */
export function shownLines(text: string, { keepColors = false } = {}): string {
  if (!controls.test(text)) return text
  return text.replaceAll(controlOrColor, found =>
    found === '\n' || found === '\t' || (keepColors && found.length > 1) ? found : escaped(found),
  )
}

/** As JSON does it, also for what JSON leaves as it is. */
const escaped = (text: string): string =>
  JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[\u007f-\u009f\u202a-\u2069]/g, found => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)

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
