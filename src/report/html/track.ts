/** Bars along a scenario's time: positions in percent, so that they fit any width without a script. */
import type { ProbeRecord, Span } from '../../ha/record/record.ts'
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
export function strip(probe: ProbeRecord, tookMs: number): Html {
  const states = statesOf(probe, tookMs)
  const paths = { ok: '', part: '', bad: '', out: '' }
  let from = 0
  states.forEach((state, index) => {
    if (states[index + 1] === state) return
    const top = tops[state]
    if (state !== 'none') paths[state] += `M${from} ${top}h${index + 1 - from}v${10 - top}h-${index + 1 - from}z`
    from = index + 1
  })
  const size = `0 0 ${(Math.max(1, tookMs) / Math.max(1, probe.binMs)).toFixed(3)} 10`
  const drawn = Object.entries(paths).map(([kind, path]) => (path === '' ? '' : `<path class="${kind}" d="${path}"/>`))
  return trusted(`<svg viewBox="${size}" preserveAspectRatio="none" aria-hidden="true">${drawn.join('')}</svg>`)
}

/** `out`: no request began, in an outage; `none`: nothing is known. */
type State = 'ok' | 'part' | 'bad' | 'out' | 'none'

const tops: Readonly<Record<State, number>> = { ok: 7, part: 4, bad: 0, out: 0, none: 10 }

function statesOf({ bins, binMs, outages, attempts }: ProbeRecord, tookMs: number): readonly State[] {
  const states = bins.map(stateOf)
  const last = states.findLastIndex(state => state !== 'none')
  // A probe that asks less often than once a bin is not silent in between.
  const usual = Math.ceil((2.5 * tookMs) / Math.max(1, attempts) / binMs)
  let since = Number.POSITIVE_INFINITY
  return states.map((state, index) => {
    since = state === 'none' ? since + 1 : 0
    if (state !== 'none' || index > last) return state
    const middle = (index + 0.5) * binMs
    if (outages.some(({ fromMs, toMs }) => fromMs <= middle && (toMs ?? tookMs) >= middle)) return 'out'
    return since <= usual && states[index - since] === 'ok' ? 'ok' : 'none'
  })
}

function stateOf([succeeded, failed]: readonly [number, number]): State {
  if (failed === 0) return succeeded === 0 ? 'none' : 'ok'
  return succeeded === 0 ? 'bad' : 'part'
}

export const outageText = (ms: number): string => `${seconds(ms)} s`

export const latencyText = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
