/** What a command file exports, free of the library that parses the command line. */
import type { Result } from '../platform/result.ts'
import type { Console } from './console.ts'
import type { Interruption } from './signals/interruption.ts'

export interface ArgumentSpec {
  /** `<name>` required, `[name]` optional, `[name...]` any number. */
  readonly name: string
  readonly description: string
  readonly completes?: Completes
}

/** What the shell offers there: see src/cli/completion. */
export type Completes =
  | 'flow'
  | 'task'
  | 'set'
  | 'param'
  | 'run'
  | 'logged'
  | 'vm'
  | 'cluster'
  | 'file'
  | 'folder'
  | 'shell'

export interface OptionSpec {
  /** `-k, --keep`, `--set <k=v>`, `--no-install`. */
  readonly flags: string
  readonly description: string
  /** May be given several times; read with `list`. */
  readonly repeat?: true
  readonly choices?: readonly string[]
  readonly completes?: Completes
}

export interface CommandSpec {
  /** Shown by --help below the summary. */
  readonly details?: string
  readonly arguments?: readonly ArgumentSpec[]
  readonly options?: readonly OptionSpec[]
  /** Arguments `name=value` are as `--set name=value`. */
  readonly assignments?: true
  /** What stands after `--` is no argument of the command; see Invocation.rest. */
  readonly rest?: true
  /** From the first argument on, everything is the arguments', options too: `cluster kubectl get nodes -o wide`. */
  readonly passThrough?: true
  /** A command has either these or `run`. */
  readonly commands?: Readonly<Record<string, CommandSpec & { readonly summary: string }>>
  /** Resolves to the exit code; a failure is printed, once, by the caller. */
  run?(invocation: Invocation): Promise<Result<number>>
  /** In place of `run`, when --help comes with an argument. */
  about?(invocation: Invocation): Promise<Result<number>>
}

/** One line of the table of commands. */
export interface CommandEntry {
  readonly summary: string
  /** For shells, not for people. */
  readonly hidden?: true
  readonly load: () => Promise<{ readonly default: CommandSpec }>
}

export interface Invocation {
  readonly args: readonly string[]
  /** What stood after `--`. */
  readonly rest: readonly string[]
  readonly options: ParsedOptions
  readonly cwd: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly console: Console
  /** Ctrl-C and its like; from the first call on they no longer end the process at once. */
  interruption(): Interruption
}

/** Options by their long name in camel case: `--keep-going` is `keepGoing`, `--no-install` is `install`. */
export class ParsedOptions {
  readonly #values: Readonly<Record<string, unknown>>

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values
  }

  with(values: Readonly<Record<string, unknown>>): ParsedOptions {
    return new ParsedOptions({ ...this.#values, ...values })
  }

  flag(name: string): boolean {
    return this.#values[name] === true
  }

  text(name: string): string | undefined {
    const value = this.#values[name]
    return typeof value === 'string' ? value : undefined
  }

  list(name: string): readonly string[] {
    const value = this.#values[name]
    return Array.isArray(value) ? value.map(String) : []
  }
}
