/** What tasks printed, in the folders of runs: also of a task that was up to date, from the run that made its result. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readEvents, runNames, taskLog } from './event-log.ts'

/** What a run did with a task. */
export interface TaskInRun {
  readonly run: string
  readonly runDir: string
  /** Absent: it has not ended. */
  readonly status?: string
  readonly key?: string
}

export class TaskLogs {
  readonly #runsDir: string
  #makers: ReadonlyMap<string, string> | undefined

  constructor(runsDir: string) {
    this.#runsDir = runsDir
  }

  get runs(): readonly string[] {
    return runNames(this.#runsDir)
  }

  /** In the latest run that has to do with it, or in that run; undefined: there is none. */
  find(task: string, run?: string): TaskInRun | undefined {
    const runs = run === undefined ? this.runs.toReversed() : [run]
    for (const name of runs) {
      const found = this.#inRun(name, task)
      if (found) return found
    }
    return undefined
  }

  /** Every task that a run has to do with, of the latest runs first. */
  tasks(run?: string): readonly string[] {
    const runs = run === undefined ? this.runs.toReversed() : [run]
    const events = runs.flatMap(name => readEvents(join(this.#runsDir, name)))
    return [...new Set(events.flatMap(event => ('task' in event && event.task !== undefined ? [event.task] : [])))]
  }

  /** The folder of the latest run that made the result with this key; undefined when it is not kept, or was not here. */
  maker(task: string, key: string): string | undefined {
    this.#makers ??= this.#allMakers()
    return this.#makers.get(`${task}\0${key}`)
  }

  #inRun(run: string, task: string): TaskInRun | undefined {
    const runDir = join(this.#runsDir, run)
    const events = readEvents(runDir).filter(event => 'task' in event && event.task === task)
    const ended = events.findLast(event => event.type === 'task-finished')
    if (events.length === 0) return undefined
    const key = ended?.key
    return { run, runDir, ...(ended ? { status: ended.status } : {}), ...(key === undefined ? {} : { key }) }
  }

  #allMakers(): ReadonlyMap<string, string> {
    const makers = new Map<string, string>()
    for (const run of this.runs) {
      const runDir = join(this.#runsDir, run)
      for (const event of readEvents(runDir))
        if (event.type === 'task-finished' && event.status === 'executed' && event.key !== undefined)
          makers.set(`${event.task}\0${event.key}`, runDir)
    }
    return makers
  }
}

export const hasLog = (runDir: string, task: string): boolean => existsSync(taskLog(runDir, task))
