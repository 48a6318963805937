/** Where a result of a fingerprint is: in place, in the store on this disk, or in the shared one. */
import type { Digest } from '../../platform/digest.ts'
import { digestOfOutputs } from '../files/tree.ts'
import type { Project } from '../project.ts'
import type { RemoteResult } from '../remote/remote-cache.ts'
import { type Manifest, outputsOf } from '../store/manifest.ts'
import type { ProjectState } from '../store/project-state.ts'
import type { ResultRecord } from '../store/result-cache.ts'
import type { Results } from '../store/results.ts'
import { globsAmong } from '../workflow/output-globs.ts'
import type { Task } from '../workflow/workflow.ts'
import { explainOutputs, explainPrint, type Reason } from './explain.ts'
import type { Fingerprint } from './fingerprint.ts'

/** What is in place is a result of the fingerprint. */
export interface InPlace {
  readonly because: string
  readonly output: Digest
  readonly note?: string | undefined
}

interface Stored {
  readonly record: ResultRecord
  readonly manifest: Manifest
}

/** `problem` continues the sentence that says why there is something to do; empty when there is nothing to add. */
type StoredOrNot = Stored | { readonly problem: string }

export const outputsInPlace = ({ output, note }: Pick<ResultRecord, 'output' | 'note'>): InPlace => ({
  because: 'outputs are in place',
  output,
  note,
})

export interface LookUpSources {
  readonly project: Project
  readonly state: ProjectState
  readonly results: Results
}

export class LookUp {
  readonly #sources: LookUpSources
  readonly #staysLocal: (task: Task) => Promise<boolean>

  constructor(sources: LookUpSources, staysLocal: (task: Task) => Promise<boolean>) {
    this.#sources = sources
    this.#staysLocal = staysLocal
  }

  /** Else what the store has for the fingerprint. */
  async inPlace(task: Task, { key }: Fingerprint): Promise<InPlace | { readonly record: ResultRecord | undefined }> {
    const { project, state, results } = this.#sources
    const known = state.get(task)
    if (known?.key === key) {
      const output = await digestOfOutputs(project.projectDir, task.outputs, state.index)
      if (output !== undefined && output === known.output)
        return { because: 'nothing changed', output, note: known.note }
    }
    const record = await (await results.open()).get(key)
    return record && (await this.isInPlace(task, record)) ? outputsInPlace(record) : { record }
  }

  async isInPlace(task: Task, { output }: Pick<ResultRecord, 'output'>): Promise<boolean> {
    const { project, state } = this.#sources
    return output === (await digestOfOutputs(project.projectDir, task.outputs, state.index))
  }

  /** Why what is in place is not a result of the fingerprint. */
  async reason(task: Task, print: Fingerprint): Promise<Reason> {
    const { project, state, results } = this.#sources
    const known = state.get(task)
    if (known?.key === print.key) {
      const record = globsAmong(task.outputs) && (await (await results.open()).get(print.key))
      const stored = record && (await this.stored(task, print, record))
      const made = stored && 'manifest' in stored ? outputsOf(stored.manifest, task.outputs) : undefined
      return explainOutputs(task, known, { projectDir: project.projectDir, made })
    }
    return explainPrint(print, state, { known, cache: await results.open() })
  }

  async stored(task: Task, { key }: Fingerprint, record: ResultRecord | undefined): Promise<StoredOrNot> {
    const cache = await this.#sources.results.open()
    if (record) {
      const found = cache.manifest(record, task.outputs)
      return 'manifest' in found ? { record, ...found } : { problem: cannotBeUsed(found.problem) }
    }
    if (cache.isDamaged(key)) return { problem: cannotBeUsed('its record is damaged') }
    return { problem: this.#sources.state.get(task)?.key === key ? ', and its cached result was pruned' : '' }
  }

  /** Whether all its blobs are there, which a run finds out while it restores. */
  async checked(stored: Stored): Promise<StoredOrNot> {
    const problem = (await this.#sources.results.open()).blobProblem(stored.manifest)
    return problem === undefined ? stored : { problem: cannotBeUsed(problem) }
  }

  async remote(task: Task, { key }: Fingerprint): Promise<RemoteResult | undefined> {
    const { remote } = this.#sources.project
    if (!remote || (await this.#staysLocal(task))) return undefined
    return remote.find(task, key)
  }
}

export const cannotBeUsed = (problem: string): string => `, and its cached result cannot be used: ${problem}`
