/** A program that runs beside this one: lines go in, lines come out, until one of the two ends it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { minimalEnv } from './process.ts'

export interface ConversationOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly onLine: (line: string) => void
  /** What it printed on stderr, a line each. */
  readonly onProblem: (line: string) => void
}

export class Conversation {
  readonly #child: ChildProcess
  /** Resolves once the program has ended and all its lines were told. */
  readonly ended: Promise<void>

  constructor(argv: readonly string[], { env, onLine, onProblem }: ConversationOptions) {
    const [file, ...args] = argv
    if (file === undefined) throw new Error('a conversation needs a program')
    this.#child = spawn(file, args, { env: env ?? minimalEnv(), detached: true, stdio: 'pipe' })
    const { stdout, stderr, stdin } = this.#child
    // A program that is gone does not listen: how it ended says more than the broken pipe.
    stdin?.on('error', () => undefined)
    if (stdout) createInterface(stdout).on('line', onLine)
    if (stderr) createInterface(stderr).on('line', onProblem)
    this.ended = new Promise(resolve => {
      this.#child.on('error', error => {
        onProblem(error.message)
        resolve()
      })
      this.#child.on('close', () => resolve())
    })
  }

  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  /** Closes its input, which a program that listens takes for a goodbye. */
  sayGoodbye(): void {
    this.#child.stdin?.end()
  }

  /** Ends its process group at once. */
  kill(): void {
    if (this.#child.pid === undefined || this.#child.exitCode !== null) return
    try {
      process.kill(-this.#child.pid, 'SIGKILL')
    } catch {}
  }
}
