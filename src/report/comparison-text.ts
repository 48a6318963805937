/** The comparison of two runs as text for a terminal. */
import { type Comparison, leastMs, leastShare, type MeasureChange, type ScenarioChange } from './compare-runs.ts'
import { printable, wrapText } from './printable.ts'
import { type Palette, palette } from './terminal/palette.ts'

export interface ComparisonOptions {
  readonly color: boolean
  readonly columns: number
  readonly before: string
  readonly after: string
}

/** Ends in a newline. */
export function comparisonText(comparison: Comparison, options: ComparisonOptions): string {
  const colors = palette(options.color)
  const { scenarios, onlyBefore, onlyAfter } = comparison
  const parts = [
    `${colors.strong(`${options.before} -> ${options.after}`)}\n`,
    settings(comparison, options),
    scenarios.map(one => scenario(one, colors)).join(''),
    only(onlyBefore, options.before, options),
    only(onlyAfter, options.after, options),
    `${counts(comparison)}\n`,
    scenarios.length === 0 ? '' : note(options, colors),
  ]
  return parts.filter(part => part !== '').join('\n')
}

function settings({ settings: all, scenarios }: Comparison, options: ComparisonOptions): string {
  if (all.length === 0) return scenarios.length === 0 ? '' : 'Same versions, timers and settings.\n'
  const lines = all.map(({ setting, before, after, scenarios: count }) => {
    const of = count === scenarios.length ? '' : ` (${count} of ${scenarios.length} scenarios)`
    return lined(`${setting}: ${before} -> ${after}${of}`, options)
  })
  return `Not the same in both:\n${lines.join('')}`
}

function scenario({ task, before, after, change, measures }: ScenarioChange, colors: Palette): string {
  const verdict = before === after ? after : `${before} -> ${after}`
  const head = `${marked(change, change.padEnd(6), colors)}  ${colors.strong(printable(task))}  ${verdict}\n`
  return (
    head +
    measures
      .filter(shown)
      .map(one => measureLine(one, colors))
      .join('')
  )
}

/** What is 0 in both says nothing. */
const shown = ({ before, after }: MeasureChange): boolean => Math.round(before) !== 0 || Math.round(after) !== 0

function measureLine({ measure, unit, before, after, change }: MeasureChange, colors: Palette): string {
  const show = (value: number) => ({ ms: `${Math.round(value)} ms`, percent: `${value} %`, count: String(value) })[unit]
  const difference = after - before
  const sign = difference > 0 ? '+' : ''
  const share = before === 0 ? '' : `, ${sign}${Math.round((difference / before) * 100)} %`
  const text = show(after) === show(before) ? 'equal' : `${sign}${show(difference)}${share}`
  const mark = change === 'same' ? '' : `  ${marked(change, change, colors)}`
  return `        ${measure.padEnd(17)}${show(before).padStart(9)} -> ${show(after).padStart(9)}  ${text}${mark}\n`
}

function marked(change: ScenarioChange['change'], text: string, colors: Palette): string {
  if (change === 'better') return colors.good(text)
  return change === 'same' ? colors.quiet(text) : colors.bad(text)
}

const only = (tasks: readonly string[], run: string, options: ComparisonOptions): string =>
  tasks.length === 0 ? '' : lined(`only in ${run}: ${tasks.join(', ')}`, options)

function counts({ scenarios, onlyBefore, onlyAfter }: Comparison): string {
  const kinds = ['better', 'worse', 'mixed', 'same'] as const
  const counted = kinds.map(kind => [scenarios.filter(({ change }) => change === kind).length, kind] as const)
  const lonely = onlyBefore.length + onlyAfter.length
  const parts = [
    ...counted.filter(([count]) => count > 0).map(([count, kind]) => `${count} ${kind}`),
    ...(lonely > 0 ? [`${lonely} in one run only`] : []),
  ]
  return parts.join(', ') || 'Nothing to compare'
}

const note = (options: ComparisonOptions, colors: Palette): string =>
  wrapText(
    `One run each: of what has a budget, a difference is marked from ${leastMs} ms, ${leastShare * 100} % and one interval of the timers behind the budget on (a fault falls anywhere between two adverts or checks), a count from 1 on. Less may be chance, and more may be as well.`,
    Math.max(20, options.columns - 1),
  )
    .map(line => `${colors.quiet(line)}\n`)
    .join('')

function lined(text: string, { columns }: ComparisonOptions): string {
  const [first = '', ...rest] = wrapText(printable(text), Math.max(20, columns - 5))
  return `  ${first}\n${rest.map(line => `    ${line}\n`).join('')}`
}
