/** A table that stays one for those who listen to it, although a narrow window shows its rows as cards. */
import { type Html, type HtmlPart, html } from './markup.ts'

export interface Cell {
  readonly content: HtmlPart
  readonly class?: string
}

/** The first cell of a row is its heading. */
export function dataTable(caption: string, heads: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  const head = heads.map(text => html`<th role="columnheader" scope="col">${text}</th>`)
  const body = rows.map(
    ([first, ...others]) =>
      html`<tr role="row"><th role="rowheader" scope="row">${first?.content}</th>${others.map(
        (cell, index) =>
          html`<td role="cell" data-label="${heads[index + 1]}" class="${cell.class}">${inner(cell.content)}</td>`,
      )}</tr>`,
  )
  // Two columns have room beside each other in any window.
  const kind = heads.length === 2 ? 'pairs' : ''
  return html`<table role="table" class="${kind}" aria-label="${caption}"><thead role="rowgroup"><tr role="row">${head}</tr></thead><tbody role="rowgroup">${body}</tbody></table>
`
}

/** One element in each cell, so that a card's grid has two columns: the label and this. */
const inner = (content: HtmlPart): Html | undefined =>
  content === undefined || content === '' ? undefined : html`<div>${content}</div>`
