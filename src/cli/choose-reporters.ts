/** Which reports a run has: JSON when asked for, live on a terminal, else lines; and JUnit beside them. */

import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { taskLog } from '../engine/event-log.ts'
import { stamped } from '../engine/events.ts'
import { runsDir } from '../engine/store/cache-layout.ts'
import { hasLog, TaskLogs } from '../engine/task-logs.ts'
import { makeFolder } from '../platform/files.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { storageProblem, systemFailure } from '../platform/system-error.ts'
import { jsonReporter } from '../report/json.ts'
import { junitReporter } from '../report/junit.ts'
import type { ReportedEvent, Reporter, ReportOptions } from '../report/reporter.ts'
import { lineReporter } from '../report/terminal/line.ts'
import { LiveReporter } from '../report/terminal/live.ts'
import type { Invocation } from './command.ts'
import { displayPath } from './display-path.ts'

const shownBytes = 1024 * 1024

/** A failure: the JUnit file cannot be where it is asked for. Found out before anything runs. */
export function chooseReporters(invocation: Invocation, cacheDir: string): Result<Reporter> {
  const main = mainReporter(invocation, cacheDir)
  const junit = junitOf(invocation, text => main.event(stamped({ type: 'warning', text })))
  if (!junit.ok) return junit
  const reporters = junit.value ? [main, junit.value] : [main]
  return ok(new Reporters(main, reporters))
}

/** The end of it, when it is long. */
function earlierOutput(cacheDir: string): (task: string, key: string) => string | undefined {
  const logs = new TaskLogs(runsDir(cacheDir))
  return (task, key) => {
    const dir = logs.maker(task, key)
    return dir !== undefined && hasLog(dir, task) ? readTail(taskLog(dir, task)) : undefined
  }
}

function readTail(file: string): string {
  const bytes = readFileSync(file)
  return bytes.subarray(-shownBytes).toString('utf8')
}

/** What happens while they are paused is reported afterwards. */
class Reporters implements Reporter {
  readonly #main: Reporter
  readonly #all: readonly Reporter[]
  #waiting: ReportedEvent[] | undefined

  constructor(main: Reporter, all: readonly Reporter[]) {
    this.#main = main
    this.#all = all
  }

  event(event: ReportedEvent): void {
    if (this.#waiting) this.#waiting.push(event)
    else for (const reporter of this.#all) reporter.event(event)
  }

  close(): void {
    this.resume()
    for (const reporter of this.#all) reporter.close()
  }

  pause(): void {
    this.#waiting ??= []
    this.#main.pause?.()
  }

  resume(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    this.#main.resume?.()
    for (const event of waiting) this.event(event)
  }
}

function junitOf({ options, cwd }: Invocation, warn: (text: string) => void): Result<Reporter | undefined> {
  const junit = options.text('junit')
  if (junit === undefined) return ok(undefined)
  const file = resolve(cwd, junit)
  try {
    makeFolder(dirname(file))
    closeSync(openSync(file, 'a'))
  } catch (error) {
    return fail(systemFailure(`Cannot write the JUnit report to "${junit}"`, error, { kind: 'usage' }))
  }
  return ok(
    junitReporter(xml => {
      try {
        writeFileSync(file, xml)
      } catch (error) {
        warn(`Cannot write the JUnit report to "${junit}": ${storageProblem(error)}`)
      }
    }),
  )
}

function mainReporter({ options, console, cwd }: Invocation, cacheDir: string): Reporter {
  const output = { progress: console.err, result: console.out, draw: console.draw }
  if (options.flag('json')) return jsonReporter(output)
  const common: ReportOptions = {
    output,
    color: console.color,
    verbose: options.flag('verbose'),
    displayPath: path => displayPath(path, cwd),
    ...(options.flag('verbose') ? { earlierOutput: earlierOutput(cacheDir) } : {}),
  }
  return console.isLive ? new LiveReporter({ ...common, output, terminal: console.terminalSize }) : lineReporter(common)
}
