/** A job on this machine: with its hooks, the project, and the values that jobs do not hold. */
import type { Project } from '../project.ts'
import type { SandboxRunner } from '../sandbox-runner.ts'
import type { Job, RunHooks } from './runner.ts'

export interface Machine {
  readonly project: Project
  /** Given to task types. */
  readonly settings: ReadonlyMap<string, string>
  readonly sandbox: SandboxRunner | undefined
  readonly terminal: Terminal | undefined
}

/** What the user sits at. */
export interface Terminal {
  /** Nobody else writes there, and Ctrl-C is the work's own affair, until it ends. */
  lend<T>(work: () => Promise<T>): Promise<T>
}

export interface LocalJob {
  readonly job: Job
  readonly hooks: RunHooks
  readonly machine: Machine
  /** TMPDIR of the program: made before, removed after. */
  readonly temporary: string
}
