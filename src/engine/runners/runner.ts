/** What runs the programs of tasks: this machine (local-runner.ts), or any other implementation of this interface. */
import type { Digest } from '../../platform/digest.ts'
import type { Result } from '../../platform/result.ts'
import type { Script } from '../workflow/script.ts'
import type { EventData } from '../workflow/task-type.ts'
import type { Json } from '../workflow/workflow.ts'

export interface Runner {
  /**
   * Runs the program of a task once. When it resolves to a success, what the program made lies at the job's outputs in
   * the project, and no process of it runs any more; what it made is judged and kept by the caller.
   */
  run(job: Job, hooks: RunHooks): Promise<Result<Ran>>
}

/**
 * What is to be run: plain data, which JSON brings unchanged to another process or machine. Paths are relative to the
 * project. It holds no value of the environment and no setting: those may be secrets, and belong to the runner.
 */
export interface Job {
  /** Raised when a field gets another meaning: a runner takes no job of a format that it does not know. */
  readonly format: 2
  readonly run: string
  readonly flow: string
  readonly task: string
  /** `file:line:column` of the task, for failures. */
  readonly at: string
  /** From 1; more with `retries`. */
  readonly attempt: number
  /** The fingerprint; absent when the result is not kept. Equal keys: equal results. */
  readonly key?: Digest
  readonly command: Command
  /** Sorted by path. */
  readonly inputs: readonly JobInput[]
  /** In the task's order. */
  readonly needs: readonly JobNeed[]
  /** Nothing lies there when the program starts; their parent folders do exist. */
  readonly outputs: readonly string[]
  /** Further outputs: files that these match, and those with `!` do not. The folders that they start in do exist. */
  readonly globs?: readonly string[]
  /** Names of the environment variables that the program gets, where they are set. */
  readonly env: readonly string[]
  /** Files, among the inputs, whose lines NAME=value are variables, too; the environment's own come first. */
  readonly dotenv?: readonly string[]
  /** True: it gets the terminal of the user. */
  readonly interactive?: true
  readonly sandbox?: JobSandbox
  /** Amount by pool: what the program takes of a machine. */
  readonly resources: Readonly<Record<string, number>>
  /** 0: no limit. */
  readonly timeoutMs: number
}

/** Parameters are substituted; those of a script are values beside it, which belong on no command line. */
export type Command =
  | { readonly kind: 'bash'; readonly script: Script }
  | { readonly kind: 'task type'; readonly type: string; readonly with: { readonly [key: string]: Json } }

export interface JobInput {
  readonly path: string
  /** The need that made it. */
  readonly madeBy?: string
  /** As in the fingerprint: permissions, size and digest of a file, or the target of a link. Absent for what a need made,
   * and where the task has no fingerprint: nobody has read it then. */
  readonly content?: string
}

export interface JobNeed {
  readonly task: string
  /** A group stands for what it needs. */
  readonly outputs: readonly string[]
  /** What the outputs amount to; absent when the need did not end well, of a clean-up task only. */
  readonly digest?: Digest
}

/** The program sees its inputs and the outputs of its needs only. */
export interface JobSandbox {
  readonly network: boolean
  /** Of the need that made it. Absent: the system folders of the runner's machine. */
  readonly root?: { readonly madeBy: string; readonly archive: string; readonly digest: Digest }
}

/** The connection to a program while it runs: its output and reports, and the signal that ends it. */
export interface RunHooks {
  /** Aborts when the program is to end. */
  readonly signal: AbortSignal
  /** A folder of this machine for logs and records of the task, absolute; made with the first call. */
  readonly logDir: () => string
  /** Bytes as they come, of a program; or a text. */
  readonly onOutput: (output: string | Uint8Array, stream: 'stdout' | 'stderr') => void
  readonly onProgress: (text: string) => void
  readonly onEvent: (kind: string, data: EventData) => void
}

export interface Ran {
  /** The task's own word for the summary. */
  readonly note?: string
  /** What it made is good for this run alone. */
  readonly onlyNow?: true
}
