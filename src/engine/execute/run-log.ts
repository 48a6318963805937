/** A run's folder: events.ndjson, graph.json when something ran, and the output of each task that printed something, as it was. */
import { appendFileSync, closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { runStamp } from '../../platform/clock.ts'
import { codeOf, isMissing, makeFolder } from '../../platform/files.ts'
import { eventsFile, logName, taskLog } from '../event-log.ts'
import { type Emit, stamped, type Tell } from '../events.ts'
import type { Fingerprint } from '../plan/fingerprint.ts'
import type { Ended } from '../plan/outcome.ts'
import { runsDir } from '../store/cache-layout.ts'
import type { Task } from '../workflow/workflow.ts'

const flushBytes = 64 * 1024
const flushMs = 50

export class RunLog {
  readonly run: string
  readonly dir: string
  readonly #emit: Emit
  readonly #onProblem: (error: unknown) => void
  readonly #decoders = new Map<string, Record<'stdout' | 'stderr', StringDecoder>>()
  #fd: number | undefined
  #pending = ''
  #timer: NodeJS.Timeout | undefined

  /** `onProblem` is called once when the log cannot be written (a full disk): the run goes on without. */
  constructor(cacheDir: string, emit: Emit, onProblem: (error: unknown) => void) {
    const [run, dir] = makeRunDir(runsDir(cacheDir))
    this.run = run
    this.dir = dir
    this.#emit = emit
    this.#onProblem = onProblem
    this.#fd = openSync(eventsFile(dir), 'a', 0o600)
  }

  readonly tell: Tell = untimed => {
    const event = stamped(untimed)
    this.#pending += `${JSON.stringify(event)}\n`
    if (this.#pending.length > flushBytes) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), flushMs).unref()
    this.#emit(event)
  }

  /** Bytes stay bytes in the task's own log, and are nowhere else on disk; reporters get text. */
  printed(task: string, output: string | Uint8Array, stream: 'stdout' | 'stderr'): void {
    this.#append(task, output)
    const text = typeof output === 'string' ? output : this.#decoder(task, stream).write(output)
    if (text !== '') this.#emit(stamped({ type: 'task-output', task, stream, text }))
  }

  warn(text: string, task?: string): void {
    this.tell({ type: 'warning', ...(task === undefined ? {} : { task }), text })
  }

  taskEnded({ started: _, ...outcome }: Ended, print?: Fingerprint): void {
    this.#endDecoders(outcome.task)
    this.tell({ type: 'task-finished', ...outcome, ...(print ? { key: print.key } : {}) })
  }

  /** Which task needs which, for drawing the run later. */
  keepGraph(tasks: readonly Task[]): void {
    const kept = tasks.map(({ name, description, action, needs, after }) => {
      const type = action.kind === 'uses' ? action.type : action.kind
      return { name, ...(description === undefined ? {} : { description }), type, needs, after }
    })
    this.#try(() =>
      writeFileSync(join(this.dir, 'graph.json'), `${JSON.stringify({ tasks: kept })}\n`, { mode: 0o600 }),
    )
  }

  /** Where a task's output goes; the file is there once it printed something. */
  taskLog(task: string): string {
    return taskLog(this.dir, task)
  }

  /** A folder of its own for a task type's files. */
  taskDir(task: string): string {
    const dir = join(this.dir, logName(task))
    makeFolder(dir)
    return dir
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#fd === undefined || this.#pending === '') return
    const text = this.#pending
    this.#pending = ''
    this.#try(() => writeSync(this.#fd ?? -1, text))
  }

  close(): void {
    this.flush()
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #append(task: string, output: string | Uint8Array): void {
    if (this.#fd === undefined) return
    this.#try(() => {
      try {
        appendFileSync(this.taskLog(task), output, { mode: 0o600 })
      } catch (error) {
        // Somebody removed the cache: what comes from now on is kept.
        if (!isMissing(error)) throw error
        makeFolder(dirname(this.dir))
        mkdirSync(this.dir, { mode: 0o700 })
        appendFileSync(this.taskLog(task), output, { mode: 0o600 })
      }
    })
  }

  /** A character may arrive in two pieces. */
  #decoder(task: string, stream: 'stdout' | 'stderr'): StringDecoder {
    const known = this.#decoders.get(task) ?? { stdout: new StringDecoder(), stderr: new StringDecoder() }
    this.#decoders.set(task, known)
    return known[stream]
  }

  #endDecoders(task: string): void {
    const decoders = this.#decoders.get(task)
    if (!decoders) return
    this.#decoders.delete(task)
    for (const stream of ['stdout', 'stderr'] as const) {
      const text = decoders[stream].end()
      if (text !== '') this.#emit(stamped({ type: 'task-output', task, stream, text }))
    }
  }

  #try(write: () => void): void {
    try {
      write()
    } catch (error) {
      if (this.#fd !== undefined) closeSync(this.#fd)
      this.#fd = undefined
      this.#onProblem(error)
    }
  }
}

/** Two runs that start in one second get different folders. */
function makeRunDir(parent: string): [run: string, dir: string] {
  makeFolder(parent)
  const stamp = runStamp()
  for (let count = 1; ; count++) {
    const run = count === 1 ? stamp : `${stamp}-${count}`
    try {
      mkdirSync(join(parent, run), { mode: 0o700 })
      return [run, join(parent, run)]
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  }
}
