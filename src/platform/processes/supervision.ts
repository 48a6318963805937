/** A program that was started, until it has ended: its limits, and what it leaves behind in its group. */
import type { ChildProcess } from 'node:child_process'
import { failed } from '../failure.ts'
import { fail, ok, type Result } from '../result.ts'
import { endLeftovers, type GroupLimits, LimitedGroup, leftoverGraceMs } from './process-group.ts'

export interface SupervisionOptions extends GroupLimits {
  /** What messages call it, when its command line is not what a user would recognize. */
  readonly name?: string
  /** True: what the program left running in its group is ended with it. Default false. */
  readonly endLeftovers?: boolean
}

/** Of a program: null where it has none. */
interface Streams {
  readonly stdout: { destroy(): unknown } | null
  readonly stderr: { destroy(): unknown } | null
}

/** How it ended by itself. */
interface Ending {
  readonly exitCode: number | undefined
  /** Why there is no exit code. */
  readonly problem?: string | undefined
  /** The end of what it printed. */
  readonly last?: string
}

export class Supervision {
  readonly #limited: LimitedGroup
  readonly #name: string
  #leftovers: Promise<void> | undefined

  /** `child`: undefined when it could not be started. */
  constructor(
    argv: readonly string[],
    options: SupervisionOptions,
    { child, streams }: { readonly child: ChildProcess | undefined; readonly streams: Streams },
  ) {
    this.#limited = new LimitedGroup(options)
    this.#name = options.name ?? argv.join(' ')
    const group = child?.pid
    if (group === undefined) return
    this.#limited.started(group)
    if (options.endLeftovers)
      child?.once('exit', () => {
        this.#leftovers = endLeftovers(group)
        void this.#leftovers.then(() => closeSoon(streams))
      })
  }

  /** Its exit code, to be asked for when it has ended and its output is read. A failure when it did not end by itself. */
  async end({ exitCode, problem, ...more }: Ending): Promise<Result<number>> {
    this.#limited.ended()
    await Promise.all([this.#limited.settled(), this.#leftovers])
    const ended = this.#limited.failure(this.#name, more.last)
    if (ended) return fail(ended)
    if (exitCode !== undefined) return ok(exitCode)
    return fail(failed(`Cannot run "${this.#name}": ${problem ?? 'it did not start'}`, more))
  }
}

/** What stays in the group keeps its pipes open; what left the group may too, and is not waited for. */
async function closeSoon(streams: Streams): Promise<void> {
  // Time for what is in the pipes already; an end of file, the normal case, comes before.
  await new Promise(resolve => setTimeout(resolve, leftoverGraceMs).unref())
  streams.stdout?.destroy()
  streams.stderr?.destroy()
}
