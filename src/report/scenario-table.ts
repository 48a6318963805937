/** The verdicts of a run's scenarios as a table for a terminal, with the reasons of what did not pass below it. */
import type { Measure, ScenarioRecord } from '../ha/record/record.ts'
import { printable, wrapText } from './printable.ts'
import type { ReadRun, RunScenario } from './read-run.ts'
import {
  cpuWaitText,
  longestFailoverMs,
  measureOf,
  scenarioLabels,
  seconds,
  wasMeasured,
  worstOf,
} from './scenario-figures.ts'
import { type Palette, palette } from './terminal/palette.ts'

export interface TableOptions {
  readonly color: boolean
  readonly columns: number
  readonly displayPath: (path: string) => string
}

type Labels = ReadonlyMap<string, string>

const nameColumn = (labels: Labels): Column => ({
  head: 'scenario',
  text: ({ task }) => printable(labels.get(task) ?? task),
})

interface Column {
  readonly head: string
  /** Columns with a higher number go first when the window is narrow. */
  readonly drop?: number
  text(record: ScenarioRecord, style: Style): string
  isBad?(record: ScenarioRecord): boolean
}

/** "3.9 of 4.1 s", or where there is little room "3.9/4.1". */
type Style = 'full' | 'short'

const none = '-'

const figureColumns: readonly Column[] = [
  { head: 'verdict', text: ({ verdict }) => (verdict === 'failed' ? 'FAILED' : verdict), isBad: notPassed },
  budgetColumn('reads'),
  budgetColumn('writes'),
  budgetColumn('keep-alive'),
  {
    head: 'disturbed',
    drop: 4,
    text: (record, style) => budgetText(worstOf(record, 'disturbed'), style),
    isBad: record => worstOf(record, 'disturbed')?.holds === false,
  },
  {
    head: 'failed',
    drop: 5,
    text: record => shareText(worstOf(record, 'failed')),
    isBad: record => worstOf(record, 'failed')?.holds === false,
  },
  { head: 'VIP moved', drop: 2, text: (record, style) => time(longestFailoverMs(record), style) },
  countColumn('elections', 3),
  {
    head: 'lost',
    text: ({ lostWrites }) => (lostWrites === null ? none : String(lostWrites)),
    isBad: ({ lostWrites }) => (lostWrites ?? 0) > 0,
  },
  { head: 'recovery', drop: 1, text: ({ recoveryMs }, style) => time(recoveryMs ?? undefined, style) },
]

function notPassed({ verdict }: ScenarioRecord): boolean {
  return verdict === 'failed' || verdict === 'interrupted'
}

/** Neither: what its limits say of it stands below. */
const isOpen = ({ verdict }: ScenarioRecord): boolean => verdict === 'not judged'

const isGood = ({ verdict }: ScenarioRecord): boolean => verdict === 'passed' || verdict === 'caught'

function budgetColumn(name: string): Column {
  return {
    head: name,
    text: (record, style) => budgetText(measureOf(record, name), style),
    isBad: record => measureOf(record, name)?.holds === false,
  }
}

function countColumn(name: string, drop: number): Column {
  return {
    head: name,
    drop,
    text: record => String(measureOf(record, name)?.measured ?? none),
    isBad: record => measureOf(record, name)?.holds === false,
  }
}

/** Of the shares, what failed is enough to read; the limit stands in the reasons when it is over. */
function shareText(measure: Measure | undefined): string {
  if (measure === undefined || !wasMeasured(measure)) return none
  return `${measure.holds ? '' : '!'}${Math.round(measure.measured)} %`
}

/** What is over its limit has a mark, for those who see no colour. */
function budgetText(measure: Measure | undefined, style: Style): string {
  if (measure === undefined || !wasMeasured(measure)) return none
  const measured = seconds(measure.measured)
  const over = measure.holds ? '' : '!'
  if (measure.limit === null) return style === 'full' ? `${measured} s` : measured
  const limit = seconds(measure.limit)
  return style === 'full' ? `${over}${measured} of ${limit} s` : `${over}${measured}/${limit}`
}

const time = (ms: number | undefined, style: Style): string =>
  ms === undefined ? none : style === 'full' ? `${seconds(ms)} s` : seconds(ms)

/** Ends in a newline; empty when the run has nothing to do with scenarios. */
export function scenarioTable(run: ReadRun, options: TableOptions): string {
  const colors = palette(options.color)
  const ran = run.scenarios.filter(({ record }) => record.verdict !== 'skipped')
  const blocks = [
    ...(ran.length === 0 ? [] : [table(ran, options, colors)]),
    ...run.scenarios
      .filter(({ record }) => notPassed(record) || isOpen(record))
      .map(one => reasons(one, options, colors)),
    skippedBlock(run, options, colors),
    ...run.problems.map(problem => hanging(`${colors.busy('warning:')} `, 'warning: '.length, problem, options)),
  ].filter(block => block !== '')
  return blocks.join('\n')
}

function table(scenarios: readonly RunScenario[], options: TableOptions, colors: Palette): string {
  const records = scenarios.map(({ record }) => record)
  const columns = [nameColumn(scenarioLabels(records)), ...figureColumns]
  const { shown, style, widths } = fit(columns, records, options.columns)
  const rows = records.map(record => {
    const cells = shown.map((column, index) => {
      const padded = pad(clip(column.text(record, style), widths[index] ?? 0), widths[index] ?? 0, index)
      if (column.isBad?.(record)) return colors.bad(padded)
      if (column.head !== 'verdict') return padded
      return isGood(record) ? colors.good(padded) : isOpen(record) ? colors.busy(padded) : padded
    })
    return `${cells.join(gap).trimEnd()}\n`
  })
  const heads = shown.map((column, index) => pad(headOf(column, style), widths[index] ?? 0, index))
  const note = style === 'short' ? `${colors.quiet('Longest outages in seconds, measured/limit.')}\n` : ''
  return `${colors.strong(heads.join(gap).trimEnd())}\n${rows.join('')}${note}`
}

const gap = '  '
/** The first two columns are words, the rest figures. */
const pad = (text: string, width: number, index: number): string =>
  index < 2 ? text.padEnd(width) : text.padStart(width)
const clip = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 2)}..`)
const headOf = ({ head }: Column, style: Style): string =>
  style === 'short'
    ? head
        .replace('VIP moved', 'VIP')
        .replace('elections', 'elect')
        .replace('recovery', 'recov')
        .replace('disturbed', 'disturb')
    : head

/** The widest style that has room; then columns go; at last the names are cut. */
function fit(columns: readonly Column[], records: readonly ScenarioRecord[], room: number) {
  const attempts = [
    { style: 'full' as const, without: 0 },
    { style: 'short' as const, without: 0 },
    { style: 'short' as const, without: 1 },
    { style: 'short' as const, without: 2 },
    { style: 'short' as const, without: 3 },
    { style: 'short' as const, without: 4 },
    { style: 'short' as const, without: 5 },
  ]
  const layouts = attempts.map(({ style, without }) => {
    const shown = columns.filter(({ drop }) => drop === undefined || drop > without)
    const widths = shown.map(column =>
      Math.max(headOf(column, style).length, ...records.map(record => column.text(record, style).length)),
    )
    return { shown, style, widths, total: widths.reduce((sum, width) => sum + width + gap.length, -gap.length) }
  })
  const last = layouts.at(-1)
  const chosen = layouts.find(({ total }) => total <= room) ?? last
  if (chosen === undefined) throw new Error('no layout')
  const over = Math.max(0, chosen.total - room)
  const [names = 0, ...others] = chosen.widths
  return { ...chosen, widths: [Math.max(12, names - over), ...others] }
}

function reasons({ record, dir }: RunScenario, options: TableOptions, colors: Palette): string {
  const lines = record.reasons.map(reason => hanging('  ', 4, reason, options))
  const color = isOpen(record) ? colors.busy : colors.bad
  const head = `${color(record.verdict === 'failed' ? 'FAILED' : record.verdict)} ${printable(record.task)}`
  const wait = record.cpuWait === null ? '' : hanging('  ', 4, colors.quiet(cpuWaitText(record.cpuWait)), options)
  return `${head}\n${lines.join('')}${wait}${hanging(`  ${colors.quiet('logs:')} `, 4, options.displayPath(dir), options)}`
}

function skippedBlock(run: ReadRun, options: TableOptions, colors: Palette): string {
  const skipped = run.scenarios.filter(({ record }) => record.verdict === 'skipped')
  const lines = [
    ...skipped.map(({ record }) => ['skipped', record.task, record.reasons.join('; ')] as const),
    ...run.notRun.map(task => ['not run', task.name, task.note ?? 'the run ended before'] as const),
  ]
  return lines
    .map(([word, task, why]) => hanging(`${colors.busy(word)} `, 4, `${printable(task)}: ${why}`, options))
    .join('')
}

/** `lead` may hold colours, so its width is not its length. */
function hanging(lead: string, indent: number, text: string, { columns: room }: TableOptions): string {
  const margin = ' '.repeat(indent)
  const [first = '', ...rest] = wrapText(printable(text), Math.max(20, room - Math.max(indent, 10)))
  return `${lead}${first}\n${rest.map(line => `${margin}${line}\n`).join('')}`
}
