/** Decides what becomes of a task once its needs have ended: nothing to do, restore, or run; and says why. */
import { type Digest, digestOf } from '../../platform/digest.ts'
import { type Failure, failed, lastLines } from '../../platform/failure.ts'
import { runProcess } from '../../platform/processes/process.ts'
import { placeText } from '../../text/source-text.ts'
import { Inputs } from '../files/inputs.ts'
import { lstat } from '../files/lstat.ts'
import { digestOfOutputs } from '../files/tree.ts'
import type { Project } from '../project.ts'
import type { RemoteResult } from '../remote/remote-cache.ts'
import { bash, taskEnv } from '../runners/commands.ts'
import type { Manifest } from '../store/manifest.ts'
import type { ProjectState, TaskState } from '../store/project-state.ts'
import type { ResultCache, ResultRecord } from '../store/result-cache.ts'
import type { Task } from '../workflow/workflow.ts'
import { type Change, compareParts, describeChanges, keepParts, keyMark } from './changes.ts'
import {
  type Fingerprint,
  type FingerprintResult,
  type FingerprintSources,
  fingerprint,
  type Part,
} from './fingerprint.ts'
import { LocalResults } from './local-results.ts'
import { taskCode } from './task-code.ts'

export type Decision =
  | {
      readonly action: 'up-to-date'
      readonly because: string
      readonly print: Fingerprint
      readonly output: Digest
      readonly note?: string | undefined
    }
  | {
      readonly action: 'restore'
      readonly because: string
      readonly print: Fingerprint
      readonly record: Omit<ResultRecord, 'parts'>
      readonly manifest: Manifest
      /** Present when it is there only, and its blobs are still to come. */
      readonly remote?: RemoteResult
      readonly changes: readonly Change[]
    }
  | {
      readonly action: 'run'
      readonly because: string
      readonly print?: Fingerprint
      readonly changes: readonly Change[]
    }
  | { readonly action: 'fail'; readonly because: string; readonly failure: Failure }

export interface PlannerOptions {
  readonly project: Project
  /** Those that take part in the run. */
  readonly tasks: readonly Task[]
  readonly state: ProjectState
  readonly excluded: readonly string[]
  readonly forced: (task: Task) => boolean
  readonly signal?: AbortSignal
}

const toolTimeoutMs = 60_000

export class Planner {
  readonly inputs: Inputs
  /** What each ended task's outputs amount to. */
  readonly outputs = new Map<string, Digest>()
  readonly #options: PlannerOptions
  readonly #sources: FingerprintSources
  #cache: ResultCache | undefined
  #localResults: LocalResults | undefined

  constructor(options: PlannerOptions) {
    this.#options = options
    const { project, state, tasks, excluded } = options
    this.inputs = new Inputs(project.projectDir, excluded, tasks)
    const code = taskCode(project)
    this.#sources = {
      projectDir: project.projectDir,
      environment: project.environment,
      index: state.index,
      inputs: this.inputs,
      outputOf: need => this.outputs.get(need) ?? digestOf(''),
      codeOf: code,
      toolOutput: (task, command) => this.#toolOutput(task, command),
    }
  }

  /** The store's records; keyv is loaded with the first look. */
  async cache(): Promise<ResultCache> {
    if (!this.#cache) {
      const { ResultCache } = await import('../store/result-cache.ts')
      this.#cache = new ResultCache(this.#options.project.cacheDir)
    }
    return this.#cache
  }

  /** Whether its result is neither put into the remote cache nor taken from it. */
  staysLocal(task: Task): Promise<boolean> {
    this.#localResults ??= new LocalResults(this.#options.tasks, this.#options.project.taskTypes)
    return this.#localResults.has(task)
  }

  fingerprint(task: Task, tools?: readonly Part[]): Promise<FingerprintResult> {
    return fingerprint(task, this.#sources, tools)
  }

  /** A group is what its needs are. */
  groupOutput(task: Task): Digest {
    return digestOf(task.needs.map(need => this.outputs.get(need) ?? '').join('\n'))
  }

  /** `inPlace`: only whether all is up to date. Any other decision is then a guess: nothing more is read for it. */
  async decide(task: Task, { inPlace = false } = {}): Promise<Decision> {
    if (task.cleans !== undefined) return { action: 'run', because: `cleans up after ${task.cleans}`, changes: [] }
    if (task.always || !task.cache) return { action: 'run', because: 'always runs', changes: [] }
    const result = await this.fingerprint(task)
    if ('failure' in result)
      return { action: 'fail', because: 'its fingerprint cannot be computed', failure: result.failure }
    const print = result.fingerprint
    if (this.#options.forced(task)) return { action: 'run', because: 'forced', print, changes: [] }
    const known = this.#options.state.get(task)
    if (known?.key !== print.key)
      return this.#lookUp(task, print, { reason: await this.#explain(known, print, inPlace), known, inPlace })
    const output = await digestOfOutputs(this.#options.project.projectDir, task.outputs, this.#options.state.index)
    if (output !== undefined && output === known.output)
      return { action: 'up-to-date', because: 'nothing changed', print, output, note: known.note }
    return this.#lookUp(task, print, { reason: this.#outputReason(task, known), known, inPlace })
  }

  /** Nothing in place that is known to be right: is there a result in the cache, or else in the remote one? */
  async #lookUp(task: Task, print: Fingerprint, { reason, known, inPlace }: LookUp): Promise<Decision> {
    const { because, changes } = reason
    const cache = await this.cache()
    const record = await cache.get(print.key)
    if (record && (await this.#isInPlace(task, record)))
      return { action: 'up-to-date', because: 'outputs are in place', print, output: record.output, note: record.note }
    if (inPlace) return { action: 'run', print, because, changes }
    const found = record && cache.manifest(record, task.outputs)
    if (record && found && 'manifest' in found)
      return { action: 'restore', because, print, record, manifest: found.manifest, changes }
    const remote = await this.#remote(task, print.key)
    if (remote) return this.#useRemote(task, print, remote, reason)
    const damage =
      found && 'problem' in found ? found.problem : cache.isDamaged(print.key) ? 'its record is damaged' : ''
    const pruned = known?.key === print.key ? ', and its cached result was pruned' : ''
    const problem = damage ? `, and its cached result cannot be used: ${damage}` : pruned
    return { action: 'run', print, because: because + problem, changes }
  }

  async #useRemote(task: Task, print: Fingerprint, remote: RemoteResult, reason: Reason): Promise<Decision> {
    const { record, manifest } = remote
    if (await this.#isInPlace(task, record))
      return { action: 'up-to-date', because: 'outputs are in place', print, output: record.output, note: record.note }
    return { action: 'restore', print, record, manifest, remote, ...reason }
  }

  async #isInPlace(task: Task, { output }: Pick<ResultRecord, 'output'>): Promise<boolean> {
    const { project, state } = this.#options
    return output === (await digestOfOutputs(project.projectDir, task.outputs, state.index))
  }

  async #remote(task: Task, key: Digest): Promise<RemoteResult | undefined> {
    const { remote } = this.#options.project
    if (!remote || (await this.staysLocal(task))) return undefined
    return remote.find(task, key)
  }

  #outputReason(task: Task, known: TaskState): Reason {
    if (known.failedKey !== undefined && known.failedKey === known.key)
      return { because: 'its last run failed', changes: [] }
    const missing = task.outputs.filter(output => !lstat(this.#options.project.projectDir, output))
    const names = missing.length > 0 ? missing : task.outputs
    const change = missing.length > 0 ? 'removed' : 'changed'
    const changes = names.map(name => ({ kind: 'output' as const, name, change }) satisfies Change)
    return { because: describeChanges(changes).replace(/removed$/, 'is missing'), changes }
  }

  async #explain(known: TaskState | undefined, print: Fingerprint, inPlace: boolean): Promise<Reason> {
    if (inPlace) return { because: 'something changed', changes: [] }
    if (known?.failedKey === print.key) return { because: 'its last run failed', changes: [] }
    if (known?.key === undefined) return { because: 'no earlier result', changes: [] }
    const secret = this.#options.state.knownSecret
    const cache = await this.cache()
    const record = await cache.get(known.key)
    const before = record?.parts
    if (!before || secret === undefined || before.by !== keyMark(secret)) {
      const what = cache.isDamaged(known.key) ? 'is damaged' : record ? 'cannot be compared here' : 'was pruned'
      return { because: `something changed; the record of its last result ${what}`, changes: [] }
    }
    const changes = compareParts(before.marks, keepParts(print.parts, secret))
    return { because: changes.length > 0 ? describeChanges(changes) : 'no earlier result', changes }
  }

  async #toolOutput(task: Task, command: string): Promise<{ readonly text: string } | { readonly failure: Failure }> {
    const { project, signal } = this.#options
    const env = taskEnv({ declared: task.env, environment: project.environment, temporary: '/tmp' })
    const shown = command.replace(/^(__k8s_ha_\d+='(?:[^']|'\\'')*'; )*/, '')
    const result = await runProcess(bash(command), {
      cwd: project.projectDir,
      env,
      name: shown,
      timeoutMs: toolTimeoutMs,
      endLeftovers: true,
      ...(signal ? { signal } : {}),
    })
    const at = { at: placeText(task.place) }
    if (!result.ok) return { failure: { ...result.failure, ...at } }
    const { exitCode, stdout, stderr } = result.value
    if (exitCode === 0) return { text: stdout }
    const last = lastLines(stderr || stdout)
    return {
      failure: failed(`Fingerprint command "${shown}" of task "${task.name}" failed: exit code ${exitCode}`, {
        ...at,
        last,
      }),
    }
  }
}

interface LookUp {
  readonly reason: Reason
  readonly known: TaskState | undefined
  readonly inPlace: boolean
}

interface Reason {
  readonly because: string
  readonly changes: readonly Change[]
}
