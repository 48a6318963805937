/** The rows that the benchmark prints: what was measured, beside what, and what was promised of it. */
import type { SideBySide } from './measure.ts'
export interface Row {
  readonly what: string
  readonly ours: string
  /** Whom it was measured beside, with the version. */
  readonly peer?: string
  readonly theirs?: string
  readonly ratio?: number
  readonly must?: string
  readonly aim?: string
  /** Whether what was measured keeps `must` and `aim`. */
  readonly kept?: { readonly must: boolean; readonly aim: boolean }
  /** How often each side ran. */
  readonly times?: number
}

/** The most that a ratio may be. */
export interface Promised {
  readonly must?: number
  readonly aim?: number
}

interface Comparison {
  readonly what: string
  readonly peer: string
  readonly measured: SideBySide
  readonly promised: Promised | undefined
}

export function compared({ what, peer, measured, promised = {} }: Comparison): Row {
  const { oursMs, theirsMs, times } = measured
  const ratio = oursMs / theirsMs
  const { must, aim } = promised
  const keeps = (most = Number.POSITIVE_INFINITY) => ratio <= most
  return {
    what,
    ours: milliseconds(oursMs),
    peer,
    theirs: milliseconds(theirsMs),
    ratio,
    ...(must === undefined ? {} : { must: `≤ ${must}` }),
    ...(aim === undefined ? {} : { aim: `≤ ${aim}` }),
    ...(must === undefined && aim === undefined ? {} : { kept: { must: keeps(must), aim: keeps(aim) } }),
    times,
  }
}

const heads = ['what', 'ours', 'peer', "peer's", 'ratio', 'must', 'aim', 'kept', 'runs'] as const

/** A table of Markdown whose columns also line up in a terminal. */
export function renderTable(rows: readonly Row[]): string {
  const lines = [[...heads], ...rows.map(cells)]
  const widths = heads.map((_, at) => Math.max(3, ...lines.map(line => line[at]?.length ?? 0)))
  const text = lines.map(line => `| ${line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`)
  const rule = `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`
  return `${[text[0], rule, ...text.slice(1)].join('\n')}\n`
}

function keptText({ kept, must, aim }: Row): string {
  if (kept === undefined) return ''
  if (!kept.must) return 'MISSED'
  if (kept.aim && aim !== undefined) return 'aim'
  return must === undefined ? 'not yet' : 'must'
}

/** One row as it becomes known. */
export const renderRow = (row: Row): string => `${cells(row).filter(Boolean).join(' · ')}\n`

function cells(row: Row): string[] {
  const { what, ours, peer, theirs, ratio, must, aim, times } = row
  return [
    what,
    ours,
    peer ?? '',
    theirs ?? '',
    ratio === undefined ? '' : ratio.toFixed(2),
    must ?? '',
    aim ?? '',
    keptText(row),
    times === undefined ? '' : String(times),
  ]
}

/** Three digits, as more would promise too much. */
export function milliseconds(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  return `${(ms / 1_000).toFixed(ms < 9_995 ? 2 : ms < 99_950 ? 1 : 0)} s`
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
