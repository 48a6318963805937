/** A workflow as the engine works with it: parameters resolved, matrix expanded, tasks in an order that respects needs. */
import type { Place } from '../../text/source-text.ts'
import type { Script } from './script.ts'
import type { TaskType } from './task-type.ts'

export type Scalar = string | number | boolean
export type ValueSource = 'set' | 'environment' | 'project' | 'default'

/** A parameter as a workflow file defines it. */
export interface ParamDefinition {
  readonly name: string
  readonly description?: string
  /** Absent: a value must be given. */
  readonly default?: Scalar
  readonly enum?: readonly Scalar[]
  /** Environment variables that set it, the first that is set counts; `K8S_HA_<NAME>` always works too. */
  readonly env: readonly string[]
}

export interface Param extends ParamDefinition {
  readonly value: Scalar
  readonly source: ValueSource
  /** The environment variable that gave the value, when the source is the environment. */
  readonly variable?: string
}

export type Json = Scalar | null | readonly Json[] | { readonly [key: string]: Json }

export type Action =
  | { readonly kind: 'run'; readonly script: Script }
  | { readonly kind: 'uses'; readonly type: string; readonly with: { readonly [key: string]: Json } }
  | { readonly kind: 'group' }

/** All paths are relative to the project's folder, normalised, with `/`. */
export interface Task {
  /** `compile`, or `compile[IPv4]` for one of a matrix. */
  readonly name: string
  readonly place: Place
  readonly description?: string
  readonly action: Action
  readonly needs: readonly string[]
  /** Must have ended before this one starts, however they ended, and give it no data (clean-up tasks only). */
  readonly after: readonly string[]
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly env: readonly string[]
  /** Files of variables; they are among the inputs, too. */
  readonly dotenv?: readonly string[]
  /** Where its commands run, when that is not the project itself; they see to it themselves. */
  readonly dir?: string
  /** True: what stood after `--` is part of its commands. */
  readonly takesArgs?: true
  /** True: it gets the terminal. */
  readonly interactive?: true
  readonly fingerprint: readonly Script[]
  readonly cache: boolean
  /** True: it says nothing of what it depends on, so it runs each time. */
  readonly declaresNothing?: true
  /** True: the result may hold secrets, so it is neither put into a remote cache nor taken from one. */
  readonly local?: true
  /** 0: no limit. */
  readonly timeoutMs: number
  readonly retries: number
  /** Amount by pool; `cpu` is always there. */
  readonly resources: Readonly<Record<string, number>>
  /** `root` names the need whose (first) output is the root's archive. */
  readonly sandbox?: { readonly root: string; readonly network: boolean }
  readonly always: boolean
  /** The task that this one cleans up after. */
  readonly cleans?: string
  /** The parameters and matrix values that the task uses, by `params.x` and `matrix.x`: names for `why`. */
  readonly uses: Readonly<Record<string, Scalar>>
  /** Digest of the definition as written, before substitution; what does not change a result is left out. */
  readonly definition: string
}

export interface Workflow {
  readonly name: string
  readonly description?: string
  /** The workflow's file, relative to the project's folder. */
  readonly file: string
  readonly params: readonly Param[]
  /** Every task before those that need it. */
  readonly tasks: readonly Task[]
  /** What runs when nothing is selected: the file's own tasks. */
  readonly targets: readonly string[]
}

/** What `k8s-ha flow` lists. */
export interface WorkflowSummary {
  readonly name: string
  readonly description?: string
  /** Those of a group are listed together. */
  readonly group?: string
  readonly file: string
  readonly params: readonly ParamDefinition[]
}

/** Task types by name, loaded when used. */
export type TaskTypeRegistry = Readonly<Record<string, () => Promise<{ readonly default: TaskType }>>>
