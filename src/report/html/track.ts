/** Bars along a scenario's time: positions in percent, so that they fit any width without a script. */
import type { Span } from '../../ha/record.ts'
import { seconds } from '../scenario-figures.ts'
import { type Html, html, trusted } from './markup.ts'

export interface Bar extends Span {
  readonly kind: 'fault' | 'moment' | 'vip' | 'leader' | 'lease' | 'bad'
  /** Shown in the bar, or beside it where it is too short. */
  readonly text: string
}

export const percent = (ms: number, tookMs: number): string =>
  `${Math.min(100, Math.max(0, (ms / Math.max(1, tookMs)) * 100)).toFixed(3)}%`

export const timeText = (ms: number): string => `${(ms / 1000).toFixed(2)} s`

export function spanText({ fromMs, toMs }: Span): string {
  return toMs === null ? `from ${timeText(fromMs)} to the end` : `${timeText(fromMs)} – ${timeText(toMs)}`
}

/** One lane: what it is on the left (above, on a phone), the bars on the right. */
export function lane(label: Html, bars: readonly Bar[], { tookMs, what }: { tookMs: number; what: string }): Html {
  const said = bars.map(bar => `${bar.text} ${bar.kind === 'moment' ? `at ${timeText(bar.fromMs)}` : spanText(bar)}`)
  const text = `${what}: ${said.join('; ') || 'nothing'}`
  const idle = bars.length === 0 ? ' idle' : ''
  return html`<div class="lane${idle}"><div class="label">${label}</div><div class="track" role="img" aria-label="${text}">${bars.map(bar => drawBar(bar, tookMs))}</div></div>`
}

function drawBar(bar: Bar, tookMs: number): Html {
  const from = percent(bar.fromMs, tookMs)
  const title = bar.kind === 'moment' ? timeText(bar.fromMs) : spanText(bar)
  // A text that begins near the end grows to the left.
  const side = bar.fromMs > tookMs * 0.6 ? ' late' : ''
  if (bar.kind === 'moment')
    return html`<span class="bar moment${side}" style="left:${from}" title="${bar.text}, ${title}"><b>${bar.text}</b></span>`
  const width = percent((bar.toMs ?? tookMs) - bar.fromMs, tookMs)
  return html`<span class="bar ${bar.kind}${side}" style="left:${from};width:${width}" title="${bar.text}, ${title}"><b>${bar.text}</b></span>`
}

/** Ticks at round seconds, at most seven. */
export function axis(tookMs: number): Html {
  const ticks = ticksOf(tookMs)
  const marks = ticks.map(
    ms => html`<span style="left:${percent(ms, tookMs)}">${ms / 1000}${ms === ticks.at(-1) ? ' s' : ''}</span>`,
  )
  return html`<div class="lane axis" aria-hidden="true"><div class="label"></div><div class="ticks">${marks}</div></div>`
}

const steps = [500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000]

function ticksOf(tookMs: number): readonly number[] {
  const step = steps.find(one => tookMs / one <= 7) ?? tookMs
  // The last one needs room for its unit.
  const count = Math.floor((tookMs * 0.97) / step) + 1
  return Array.from({ length: count }, (_, index) => index * step)
}

/** The background of every track of a scenario: where a fault was in force. */
export function shade(spans: readonly Span[], tookMs: number): string {
  const bands = merged(spans, tookMs).map(([from, to]) => {
    const [a, b] = [percent(from, tookMs), percent(to, tookMs)]
    return `transparent ${a},var(--shade) ${a} ${b},transparent ${b}`
  })
  return bands.length === 0 ? 'none' : `linear-gradient(to right,${bands.join(',')})`
}

/** Overlapping ones as one; moments as wide as the eye needs. */
function merged(spans: readonly Span[], tookMs: number): readonly (readonly [number, number])[] {
  const all: [number, number][] = []
  for (const { fromMs, toMs } of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const end = Math.max(toMs ?? tookMs, fromMs + tookMs * 0.003)
    const last = all.at(-1)
    if (last && fromMs <= last[1]) last[1] = Math.max(last[1], end)
    else all.push([fromMs, end])
  }
  return all
}

/**
 * The availability strip: per bin a low bar when all was answered, a high one when nothing was, half when some was, so
 * that it can be read without colours. Neighbours that are alike are one rectangle.
 */
export function strip(bins: readonly (readonly [number, number])[], binMs: number, tookMs: number): Html {
  const paths = { ok: '', part: '', bad: '' }
  let from = 0
  for (let index = 0; index < bins.length; index++) {
    const state = stateOf(bins[index])
    if (index + 1 < bins.length && stateOf(bins[index + 1]) === state) continue
    const width = index + 1 - from
    if (state === 'ok') paths.ok += `M${from} 7h${width}v3h-${width}z`
    if (state === 'part') paths.part += `M${from} 4h${width}v6h-${width}z`
    if (state === 'bad') paths.bad += `M${from} 0h${width}v10h-${width}z`
    from = index + 1
  }
  const size = `0 0 ${(Math.max(1, tookMs) / Math.max(1, binMs)).toFixed(3)} 10`
  const drawn = (['ok', 'part', 'bad'] as const).map(kind =>
    paths[kind] === '' ? '' : `<path class="${kind}" d="${paths[kind]}"/>`,
  )
  return trusted(`<svg viewBox="${size}" preserveAspectRatio="none" aria-hidden="true">${drawn.join('')}</svg>`)
}

type State = 'ok' | 'part' | 'bad' | 'none'

function stateOf([succeeded, failed]: readonly [number, number] = [0, 0]): State {
  if (failed === 0) return succeeded === 0 ? 'none' : 'ok'
  return succeeded === 0 ? 'bad' : 'part'
}

export const outageText = (ms: number): string => `${seconds(ms)} s`

export const latencyText = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
