/** The part of a report that stays, alike on a terminal and in a log: header, ended tasks, warnings, failures, summary. */
import type { ReportedEvent, ReportOptions, ScenarioResults } from '../reporter.ts'
import { isUndecided } from '../scenario-figures.ts'
import { columnsOf } from './columns.ts'
import { OutputLines } from './output-lines.ts'
import { type Palette, palette } from './palette.ts'
import { failureBlock, isUpToDate, type RunFinished, summaryLine } from './summary.ts'
import { type TaskFinished, taskLine } from './task-line.ts'

export interface PermanentText {
  readonly progress: string
  readonly result: string
}

const smallestNameWidth = 20

export class PermanentLines {
  readonly #options: ReportOptions
  readonly #patienceMs: number
  readonly #colors: Palette
  readonly #outputs = new Map<string, OutputLines>()
  readonly #failures: string[] = []
  #nameWidth = smallestNameWidth
  #dryRun = false
  #scenarios: ScenarioResults | undefined
  /** What a run with nothing to do does not show: its header, and tasks that are up to date. */
  #held: string | undefined
  #startedAt = 0

  /** `patienceMs`: a run that takes longer to see that there is nothing to do shows what it does. */
  constructor(options: ReportOptions, patienceMs: number) {
    this.#options = options
    this.#patienceMs = patienceMs
    this.#colors = palette(options.color)
  }

  get nameWidth(): number {
    return this.#nameWidth
  }

  /** The last thing that a running task printed. */
  lastOutput(task: string): string | undefined {
    return this.#outputs.get(task)?.last.at(-1)
  }

  add(event: ReportedEvent): PermanentText {
    const added = this.#add(event)
    if (this.#held === undefined) return added
    const isUneventful =
      event.type === 'run-started' || (event.type === 'task-finished' && event.status === 'up-to-date')
    const isEnd = event.type === 'run-finished' && isUpToDate(event)
    if (isUneventful && Date.parse(event.at) - this.#startedAt < this.#patienceMs) {
      this.#held += added.progress
      return nothing
    }
    const held = isEnd ? '' : this.#held
    this.#held = undefined
    return { ...added, progress: held + added.progress }
  }

  #add(event: ReportedEvent): PermanentText {
    switch (event.type) {
      case 'run-started': {
        this.#dryRun = event.dryRun ?? false
        this.#startedAt = Date.parse(event.at)
        this.#held = this.#dryRun || this.#options.verbose ? undefined : ''
        const tasks = `${event.tasks} ${event.tasks === 1 ? 'task' : 'tasks'}`
        return progress(`${this.#colors.strong(event.flow)} · ${tasks}${event.dryRun ? ' · dry run' : ''}\n`)
      }
      case 'task-started':
        this.#nameWidth = Math.max(this.#nameWidth, columnsOf(event.task))
        return nothing
      case 'task-output':
        return this.#output(event.task, this.#outputOf(event.task).add(event.text, event.stream))
      case 'task-finished':
        return this.#finished(event)
      case 'warning':
        return progress(`${this.#colors.busy('warning:')} ${event.task ? `${event.task}: ` : ''}${event.text}\n`)
      case 'run-finished':
        return this.#ended(event)
      case 'scenarios':
        this.#scenarios = event
        return nothing
      case 'task-progress':
      case 'task-event':
        return nothing
    }
  }

  #ended(event: RunFinished): PermanentText {
    const { table = '', page } = this.#scenarios ?? {}
    const notJudged = this.#scenarios !== undefined && isUndecided(this.#scenarios.run)
    const options = { ...this.#options, dryRun: this.#dryRun, notJudged, ...(page === undefined ? {} : { page }) }
    const scenarios = table === '' ? '' : `\n${table}\n`
    return { progress: this.#failures.join(''), result: `${scenarios}${summaryLine(event, options)}\n` }
  }

  #finished(event: TaskFinished): PermanentText {
    this.#nameWidth = Math.max(this.#nameWidth, columnsOf(event.task))
    const lines = this.#outputs.get(event.task)
    const output = lines ? this.#output(event.task, lines.end()).progress : this.#earlier(event)
    this.#outputs.delete(event.task)
    if (event.status === 'failed') this.#failures.push(failureBlock(event, this.#options, lines?.last ?? []))
    return progress(`${output}${taskLine(event, this.#nameWidth, this.#colors)}\n`)
  }

  /** What it printed when its result was made. */
  #earlier({ task, status, key }: TaskFinished): string {
    const isNotNew = status === 'up-to-date' || status === 'restored'
    if (!this.#options.verbose || !isNotNew || key === undefined) return ''
    const text = this.#options.earlierOutput?.(task, key) ?? ''
    const lines = new OutputLines()
    return this.#output(task, [...lines.add(text, 'stdout'), ...lines.end()]).progress
  }

  #output(task: string, lines: readonly string[]): PermanentText {
    if (!this.#options.verbose) return nothing
    const margin = this.#colors.quiet(`    ${task} │`)
    return progress(lines.map(line => `${margin} ${line}\n`).join(''))
  }

  #outputOf(task: string): OutputLines {
    const known = this.#outputs.get(task)
    if (known) return known
    const created = new OutputLines()
    this.#outputs.set(task, created)
    return created
  }
}

const nothing: PermanentText = { progress: '', result: '' }
const progress = (text: string): PermanentText => ({ progress: text, result: '' })
