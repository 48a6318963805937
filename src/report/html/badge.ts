/** A verdict as a word with a sign of its own, so that colour is never all there is. */
import { type Html, html } from './markup.ts'

const signs: Readonly<Record<string, string>> = {
  passed: '✓',
  caught: '✓',
  failed: '✗',
  skipped: '–',
  interrupted: '!',
  'not judged': '?',
}

export const badge = (verdict: string): Html =>
  html`<span class="badge ${verdict.replace(' ', '-')}">${signs[verdict] ?? '!'} ${verdict}</span>`
