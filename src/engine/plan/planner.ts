/** What a run knows of its tasks: their inputs, their fingerprints, and what the outputs of the settled ones amount to. */
import { type Digest, digestOf } from '../../platform/digest.ts'
import type { Failure } from '../../platform/failure.ts'
import { isSystemError } from '../../platform/system-error.ts'
import { type InputFiles, Inputs } from '../files/inputs.ts'
import { digestOfOutputs } from '../files/tree.ts'
import type { Project } from '../project.ts'
import { type ProjectState, today } from '../store/project-state.ts'
import type { Results } from '../store/results.ts'
import { reservedFolders } from '../workflow/project-path.ts'
import type { Task } from '../workflow/workflow.ts'
import {
  type Fingerprint,
  type FingerprintResult,
  type FingerprintSources,
  fingerprint,
  type Part,
} from './fingerprint.ts'
import { LocalResults } from './local-results.ts'
import { LookUp } from './look-up.ts'
import { noteOf } from './outcome.ts'
import { taskCode } from './task-code.ts'
import { toolOutput } from './tool-output.ts'

export interface PlannerOptions {
  readonly project: Project
  /** Those that take part in the run. */
  readonly tasks: readonly Task[]
  readonly state: ProjectState
  readonly results: Results
  readonly forced: (task: Task) => boolean
  /** False: fingerprint commands are not to run, so that tasks with some have no fingerprint. */
  readonly runFingerprints: boolean
  readonly signal?: AbortSignal
}

export interface Outputs {
  readonly digest: Digest
  /** They were there already; absent, a program or a restore has just written into the project. */
  readonly inPlace?: true
}

export class Planner {
  readonly lookUp: LookUp
  readonly #options: PlannerOptions
  readonly #inputs: Inputs
  readonly #sources: FingerprintSources
  /** What each settled task's outputs amount to. */
  readonly #outputs = new Map<string, Digest>()
  #localResults: LocalResults | undefined
  #byName: ReadonlyMap<string, Task> | undefined

  constructor(options: PlannerOptions) {
    this.#options = options
    const { project, state, tasks } = options
    this.#inputs = new Inputs(project.projectDir, reservedFolders(project), tasks)
    this.lookUp = new LookUp(options, task => this.staysLocal(task))
    this.#sources = {
      projectDir: project.projectDir,
      signal: options.signal,
      environment: project.environment,
      index: state.index,
      inputs: this.#inputs,
      outputOf: need => this.#outputs.get(need) ?? digestOf(''),
      codeOf: taskCode(project),
      toolOutput: (task, command) => toolOutput(task, command, options),
    }
  }

  fingerprint(task: Task, tools?: readonly Part[]): Promise<FingerprintResult> {
    return fingerprint(task, this.#sources, tools)
  }

  /** Whether its fingerprint can be had without anything of the project being run that must not run. */
  mayFingerprint(task: Task): boolean {
    return this.#options.runFingerprints || task.fingerprint.length === 0
  }

  isForced(task: Task): boolean {
    return this.#options.forced(task)
  }

  /** Whether its result is neither put into the remote cache nor taken from it. */
  staysLocal(task: Task): Promise<boolean> {
    this.#localResults ??= new LocalResults(name => this.taskOf(name), this.#options.project.taskTypes)
    return this.#localResults.has(task)
  }

  taskOf(name: string): Task | undefined {
    this.#byName ??= new Map(this.#options.tasks.map(task => [task.name, task]))
    return this.#byName.get(name)
  }

  inputsOf(task: Task): InputFiles {
    return this.#inputs.of(task)
  }

  /** What its inputs lack before anything has run; `open`: some of its needs have not ended. */
  missingInput(task: Task, open: boolean): { readonly failure: Failure; readonly pattern: string } | undefined {
    if (task.inputs.length === 0) return undefined
    try {
      const files = open ? this.#inputs.missingNow(task) : this.#inputs.of(task)
      return files && 'failure' in files ? files : undefined
    } catch (error) {
      // What may not be read is the failure of this task alone, when its turn has come.
      if (isSystemError(error)) return undefined
      throw error
    }
  }

  /** Whether its fingerprint looks at what its needs bring into the project, besides their digests. */
  seesOutputsOfNeeds(task: Task): boolean {
    return task.fingerprint.length > 0 || this.#inputs.dependOnNeeds(task)
  }

  /** What its outputs amount to, once it ended well. */
  outputOf(name: string): Digest | undefined {
    return this.#outputs.get(name)
  }

  /** A group is what its needs are. */
  groupOutput(task: Task): Digest {
    return digestOf(task.needs.map(need => this.#outputs.get(need) ?? '').join('\n'))
  }

  /** Whether the outputs of a task that ended well are still the same. */
  async isAsSettled(name: string): Promise<boolean> {
    const { project, state } = this.#options
    const outputs = this.taskOf(name)?.outputs ?? []
    if (outputs.length === 0) return true
    return this.#outputs.get(name) === (await digestOfOutputs(project.projectDir, outputs, state.index))
  }

  /** What the task's outputs are from now on; undefined: its program failed and left none. */
  settled(task: Task, outputs: Outputs | undefined): void {
    if (outputs) this.#outputs.set(task.name, outputs.digest)
    if (!outputs?.inPlace) this.#inputs.forgetFolders()
  }

  /** For the next run: the outputs are a result of this fingerprint. */
  remember(task: Task, { key }: Fingerprint, { output, note }: Remembered): void {
    const { state } = this.#options
    const known = state.get(task)
    const isKnown = known?.key === key && known.output === output && known.note === note
    if (!isKnown || known.failedKey !== undefined || known.day !== today())
      state.set(task, { key, output, day: today(), ...noteOf(note) })
  }

  /** For the next run: why it runs again. What it knows of the last good result stays. */
  rememberFailure(task: Task, { key }: Fingerprint): void {
    const { state } = this.#options
    state.set(task, { day: today(), ...state.get(task), failedKey: key })
  }

  /** For the next run: the outputs are no result of any fingerprint. */
  forget(task: Task): void {
    this.#options.state.delete(task)
  }
}

interface Remembered {
  readonly output: Digest
  readonly note?: string | undefined
}
