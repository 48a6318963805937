/** Runs bash scripts in forks of waiting bash processes: starting bash anew takes longer than most small tasks. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { failed } from '../failure.ts'
import { fail, ok, type Result } from '../result.ts'
import { WholeLines } from '../whole-lines.ts'
import { type OutputPipes, takeOutputPipes } from './output-pipes.ts'
import type { ProcessOptions } from './process.ts'
import { endLeftovers, LimitedGroup } from './process-group.ts'

/**
 * Reads scripts, each after its length in 8 digits (with -N, bash reads a pipe at once and not byte by byte). Each runs
 * in a subshell that is a process group of its own; `set -m` is what makes it one, and is off otherwise, as `wait`
 * would then return for a process that is merely stopped. Descriptor 3 reports "+<group>", and "?" when something of
 * the group is left: then a further character is waited for. $1, the mark, ends a script's output on both streams;
 * after it comes the exit code. All is one line, so that scripts count their lines as they are.
 */
const waitingShell = [
  '__k8s_ha_mark=$1; shift; exec 4>&2 2>/dev/null',
  'while IFS= read -r -N 8 __k8s_ha_script && IFS= read -r -N "$((10#$__k8s_ha_script))" __k8s_ha_script; do set -m',
  '( set +m; set -euo pipefail; eval "$__k8s_ha_script" ) </dev/null 2>&4 3>&- 4>&- & set +m; echo "+$!" >&3',
  'wait "$!"; __k8s_ha_code=$?; if kill -0 -- "-$!"; then echo "?" >&3; IFS= read -r -N 1 _; fi',
  'printf "\\0%s\\n" "$__k8s_ha_mark" >&4; printf "\\0%s%s\\n" "$__k8s_ha_mark" "$__k8s_ha_code"; done',
].join('; ')

export type ScriptOptions = Pick<ProcessOptions, 'timeoutMs' | 'graceMs' | 'signal' | 'strays' | 'onBytes'> & {
  /** What messages call it. */
  readonly name: string
}

export class Shells {
  readonly #cwd: string
  readonly #env: Readonly<Record<string, string>>
  readonly #idle: Shell[] = []

  /** `env`: of every script, and of bash itself. */
  constructor(cwd: string, env: Readonly<Record<string, string>>) {
    this.#cwd = cwd
    this.#env = env
  }

  /** As runProcess, for a script that runsInShell: `bash -euo pipefail`, and what it leaves in its group is ended. */
  async run(script: string, options: ScriptOptions): Promise<Result<{ readonly exitCode: number }>> {
    const shell = this.#takeIdle() ?? new Shell(this.#cwd, this.#env, await takeOutputPipes())
    const result = await shell.run(script, options)
    if (shell.isAlive) this.#idle.push(shell)
    return result
  }

  #takeIdle(): Shell | undefined {
    let shell = this.#idle.pop()
    // One may have been killed while it waited.
    while (shell && !shell.isAlive) shell = this.#idle.pop()
    return shell
  }

  /** Nothing may be running. Resolves when no shell is left. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map(shell => shell.close()))
  }
}

type Stream = 'stdout' | 'stderr'

/** What is known of the script that runs now. */
interface Running {
  readonly limited: LimitedGroup
  readonly onBytes: ((bytes: Uint8Array, stream: Stream) => void) | undefined
  /** Of the two streams: those that have not come to the mark. */
  open: number
  group?: number
  exitCode?: number
  readonly done: () => void
}

/** One bash process, which runs one script at a time. */
class Shell {
  readonly #child: ChildProcess
  readonly #mark = randomBytes(12).toString('hex')
  readonly #outputs: readonly (Readable | null | undefined)[]
  #running: Running | undefined
  #endedBy: string | undefined

  /** `pipes`: absent, its output goes through sockets, which scripts cannot open anew. */
  constructor(cwd: string, env: Readonly<Record<string, string>>, pipes: OutputPipes | undefined) {
    // Bash takes a socket as its input for a remote login, and would read ~/.bashrc.
    const argv = ['--norc', '-c', waitingShell, 'bash', this.#mark]
    const writers = pipes ? [pipes.stdout.writer, pipes.stderr.writer] : (['pipe', 'pipe'] as const)
    this.#child = spawn('bash', argv, { cwd, env, detached: true, stdio: ['pipe', ...writers, 'pipe'] })
    for (const writer of writers) if (typeof writer === 'number') closeSync(writer)
    this.#child.on('error', error => this.#end(error.message))
    this.#child.on('exit', (code, signal) => this.#end(`bash ended ${signal ? `by ${signal}` : `with ${code}`}`))
    this.#child.stdin?.on('error', () => {})
    // Where too many files are open, there are no streams at all.
    const [, , , status] = this.#child.stdio ?? []
    this.#outputs = pipes ? [pipes.stdout.reader, pipes.stderr.reader] : [this.#child.stdout, this.#child.stderr]
    this.#listen(this.#outputs[0], 'stdout')
    this.#listen(this.#outputs[1], 'stderr')
    const lines = new WholeLines()
    status?.on('data', (text: Buffer) => {
      for (const line of lines.add(text.toString('latin1'))) this.#status(line)
    })
  }

  get isAlive(): boolean {
    return this.#endedBy === undefined
  }

  async run(script: string, options: ScriptOptions): Promise<Result<{ readonly exitCode: number }>> {
    const limited = new LimitedGroup(options)
    const { promise, resolve } = Promise.withResolvers<void>()
    const running: Running = { limited, onBytes: options.onBytes, open: 2, done: resolve }
    this.#running = running
    this.#child.stdin?.write(String(script.length).padStart(8, '0') + script)
    if (this.isAlive) await promise
    this.#running = undefined
    limited.ended()
    await limited.settled()
    const failure = limited.failure(options.name)
    if (failure) return fail(failure)
    if (running.exitCode === undefined) return fail(failed(`Cannot run "${options.name}": ${this.#endedBy}`))
    return ok({ exitCode: running.exitCode })
  }

  async close(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    // What left its group may hold them open; it is not waited for.
    for (const stream of [...(this.#child.stdio ?? []), ...this.#outputs]) stream?.destroy()
    if (this.isAlive) await exited
  }

  /** Hands on what comes before the mark. A NUL may also be a script's own. */
  #listen(stream: Readable | null | undefined, name: Stream): void {
    const mark = Buffer.from(`\0${this.#mark}`)
    let held: Buffer = Buffer.alloc(0)
    stream?.on('data', (chunk: Buffer) => {
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      const at = bytes.indexOf(mark)
      const end = at === -1 ? -1 : bytes.indexOf('\n', at)
      held = end === -1 ? beginningOf(mark, bytes) : Buffer.alloc(0)
      const printed = bytes.subarray(0, end === -1 ? bytes.length - held.length : at)
      if (printed.length > 0) this.#running?.onBytes?.(printed, name)
      if (end !== -1) this.#marked(bytes.toString('latin1', at + mark.length, end))
    })
  }

  #marked(exitCode: string): void {
    const running = this.#running
    if (!running) return
    if (exitCode !== '') running.exitCode = Number(exitCode)
    if (--running.open === 0) running.done()
  }

  #status(line: string): void {
    const running = this.#running
    if (!running) return
    if (line !== '?') {
      running.group = Number(line)
      running.limited.started(running.group)
    } else if (running.group !== undefined) {
      void endLeftovers(running.group).then(() => this.#child.stdin?.write('.'))
    }
  }

  /** Someone killed bash itself: what runs in it is ended with it. */
  #end(why: string): void {
    if (this.#endedBy !== undefined) return
    this.#endedBy = why
    const group = this.#running?.group
    const done = this.#running?.done
    if (group !== undefined) void endLeftovers(group).then(done)
    else done?.()
  }
}

/** The end of some bytes that may be the beginning of a mark's line. */
function beginningOf(mark: Buffer, bytes: Buffer): Buffer {
  const at = bytes.lastIndexOf(0)
  const end = bytes.subarray(at === -1 ? bytes.length : at)
  const common = Math.min(mark.length, end.length)
  return mark.subarray(0, common).equals(end.subarray(0, common)) ? end : bytes.subarray(bytes.length)
}
