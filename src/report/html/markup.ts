/** HTML whose every inserted text is escaped: only what this template itself made goes in as it is. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type HtmlPart = Html | string | number | undefined | readonly HtmlPart[]

export const html = (strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html =>
  new Html(String.raw({ raw: strings }, ...parts.map(render)))

/** For what is known to be safe: our own style sheet, a drawing whose texts its maker escaped. */
export const trusted = (text: string): Html => new Html(text)

function render(part: HtmlPart): string {
  if (part === undefined) return ''
  if (part instanceof Html) return part.text
  return typeof part === 'object' ? part.map(render).join('') : escapeText(String(part))
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Control characters mean nothing in HTML, and marks that turn the direction of text would hide what it says. */
const escapeText = (text: string): string =>
  text.replaceAll(
    /[&<>"']|[^\P{Cc}\t\n]|[\u200E\u200F\u202A-\u202E\u2066-\u2069]|\p{Cs}/gu,
    found => entities[found] ?? '\uFFFD',
  )
