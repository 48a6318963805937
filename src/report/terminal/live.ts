/** The report on a terminal: lines of ended tasks stay and scroll, below them a few lines show what runs now. */
import { now } from '../../platform/clock.ts'
import { formatDuration } from '../format-duration.ts'
import type { DrawingOutput, ReportedEvent, Reporter, ReportOptions } from '../reporter.ts'
import { clip, columnsOf, padColumns } from './columns.ts'
import { type Palette, palette } from './palette.ts'
import { PermanentLines } from './permanent-lines.ts'
import { shownEvent } from './shown-event.ts'
import { outcomeWidth } from './task-line.ts'

export interface Terminal {
  readonly columns: number
  readonly rows: number
}

export interface LiveOptions extends ReportOptions {
  readonly output: DrawingOutput
  /** Asked at every drawing: terminals change their size. */
  readonly terminal: () => Terminal
}

interface Running {
  readonly task: string
  readonly startedAt: number
  readonly because: string
  /** What it says that it is at. */
  text?: string
}

const redrawEveryMs = 100
/** Who sits there wants to see soon that something goes on. */
const patienceMs = 1_000

export class LiveReporter implements Reporter {
  readonly #options: LiveOptions
  readonly #colors: Palette
  readonly #lines: PermanentLines
  readonly #running = new Map<string, Running>()
  readonly #timer: NodeJS.Timeout
  #isPaused = false
  #total = 0
  #ended = 0
  /** The lines below the permanent ones that are on the screen now, without colours. */
  #drawn: readonly string[] = []

  constructor(options: LiveOptions) {
    this.#options = options
    this.#colors = palette(options.color)
    this.#lines = new PermanentLines(options, patienceMs)
    this.#timer = setInterval(() => this.redraw(), redrawEveryMs)
    this.#timer.unref()
  }

  event(happened: ReportedEvent): void {
    const event = shownEvent(happened)
    this.#remember(event)
    const { progress, result } = this.#lines.add(event)
    if (progress !== '') this.#write(progress)
    if (event.type === 'run-finished') this.close()
    if (result !== '') this.#options.output.result(result)
  }

  redraw(): void {
    if (this.#running.size > 0 || this.#drawn.length > 0) this.#write('')
  }

  pause(): void {
    this.#isPaused = true
    this.#write('')
  }

  resume(): void {
    this.#isPaused = false
    this.redraw()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#running.clear()
    this.redraw()
  }

  #remember(event: ReportedEvent): void {
    if (event.type === 'run-started') this.#total = event.tasks
    if (event.type === 'task-started')
      this.#running.set(event.task, { task: event.task, startedAt: Date.parse(event.at), because: event.because })
    if (event.type === 'task-finished') {
      this.#ended += 1
      this.#running.delete(event.task)
    }
    const running = event.type === 'task-progress' ? this.#running.get(event.task) : undefined
    if (running && event.type === 'task-progress') running.text = event.text
  }

  /** Takes the live lines away, adds what stays, and draws the live lines anew, as one write. */
  #write(permanent: string): void {
    const terminal = this.#options.terminal()
    const next = this.#live(terminal)
    const erase = erasing(this.#drawn, terminal.columns)
    const drawn = next.map(({ colored }) => `${colored}\n`).join('')
    this.#drawn = next.map(({ plain }) => plain)
    if (erase + permanent + drawn !== '') this.#options.output.draw(erase, permanent + drawn)
  }

  #live(terminal: Terminal): readonly { readonly plain: string; readonly colored: string }[] {
    // Never as high as the screen: what scrolled out could not be taken back.
    const room = Math.max(1, Math.min(terminal.rows - 3, 12))
    const running = [...this.#running.values()]
    if (running.length === 0 || this.#isPaused) return []
    const width = terminal.columns - 1
    const shown = running.slice(0, running.length > room ? room - 1 : room).map(task => this.#runningLine(task, width))
    const hidden = running.length - shown.length
    const waiting = this.#total - this.#ended - running.length
    const status = [
      `${this.#ended} of ${this.#total} done`,
      ...(hidden > 0 ? [`${hidden} more running`] : []),
      ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ].join(' · ')
    const last = clip(`  ${status}`, width)
    return [...shown, { plain: last, colored: this.#colors.quiet(last) }]
  }

  #runningLine(running: Running, width: number): { readonly plain: string; readonly colored: string } {
    const time = formatDuration(Math.max(0, now() - running.startedAt)).padStart(outcomeWidth)
    const text = running.text ?? this.#lines.lastOutput(running.task) ?? running.because
    const plain = clip(`  ● ${padColumns(running.task, this.#lines.nameWidth)}  ${time}  ${oneLine(text)}`, width)
    return { plain, colored: plain.replace('●', this.#colors.busy('●')) }
  }
}

/** Moves up over the drawn lines, counting those that a narrower terminal has wrapped since, and clears from there. */
function erasing(drawn: readonly string[], columns: number): string {
  const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(columnsOf(line) / columns)), 0)
  return rows === 0 ? '' : `\u001b[${rows}A\r\u001b[J`
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
