/** How many columns of a terminal a text takes: characters of East Asia and pictures take two, marks on others none. */

/** Unicode's East_Asian_Width W and F (https://www.unicode.org/reports/tr11/), in blocks, and what is shown as a picture. */
const wide =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u
const none = /[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u
/** Whose every character takes one column. */
const plain = /^[\x20-\x7e]*$/

export function columnsOf(text: string): number {
  if (plain.test(text)) return text.length
  let columns = 0
  for (const character of text) columns += columnsOfOne(character)
  return columns
}

const columnsOfOne = (character: string): number => (none.test(character) ? 0 : wide.test(character) ? 2 : 1)

/** Cut to a width, with a sign of it. */
export function clip(text: string, width: number): string {
  if (columnsOf(text) <= width) return text
  let columns = 0
  let kept = ''
  for (const character of text) {
    columns += columnsOfOne(character)
    if (columns > width - 1) break
    kept += character
  }
  return width < 1 ? '' : `${kept}…`
}

export const padColumns = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - columnsOf(text)))
