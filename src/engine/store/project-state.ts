/** What the engine remembers of a project between runs: each task's last result, and how its last run ended. */
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { now } from '../../platform/clock.ts'
import type { Digest } from '../../platform/digest.ts'
import { readSealed, writeAtomically, writeSealed } from '../../platform/files.ts'
import type { ProcessIdentity } from '../../platform/processes/process-identity.ts'
import { bootId, FileIndex } from '../files/file-index.ts'
import type { Task } from '../workflow/workflow.ts'
import { projectStateDir, tasksDir } from './cache-layout.ts'

export interface TaskState {
  /** The fingerprint of the last good result; absent when there was none. */
  readonly key?: Digest
  /** What its outputs amount to. */
  readonly output?: Digest
  /** Days since the epoch: shows pruning that a result is in use though nothing reads it. */
  readonly day: number
  readonly note?: string
  /** The fingerprint of a run that failed since. */
  readonly failedKey?: Digest
}

interface StateFile {
  readonly version: 1
  readonly bootId: string
  readonly tasks: Readonly<Record<string, TaskState>>
}

/** What a run writes before it starts anything, and removes when it ends in order. */
export interface RunMarker {
  readonly run: string
  readonly guard?: ProcessIdentity | undefined
}

export const today = (): number => Math.floor(now() / 86_400_000)

export class ProjectState {
  readonly dir: string
  readonly index: FileIndex
  /** Where the TMPDIRs of its tasks lie; tasks know them by a shorter path (short-folder.ts). */
  readonly temporaryPrefix: string
  /** Files of it that were not what was written, and are made anew. */
  readonly damaged: string[] = []
  readonly #cacheDir: string
  readonly #tasks: Map<string, TaskState>
  #secret: string | undefined
  #changed = false
  #bootId: string

  constructor(project: { readonly projectDir: string; readonly cacheDir: string }) {
    this.dir = projectStateDir(project)
    this.#cacheDir = project.cacheDir
    this.temporaryPrefix = tasksDir(this.dir)
    const file = this.#read()
    this.#tasks = new Map(Object.entries(file?.tasks ?? {}))
    this.#bootId = file?.bootId ?? ''
    // After a reboot, clean or not, files may lack what was written last while their times say nothing of it.
    this.index = new FileIndex(project.projectDir, join(this.dir, 'files'), {
      trust: this.#bootId === bootId(),
      onDamage: path => this.damaged.push(path),
    })
  }

  /** The machine's own key for what `why` compares: values cannot be guessed from it elsewhere. */
  get secret(): string {
    this.#secret ??= machineSecret(this.#cacheDir)
    return this.#secret
  }

  /** Undefined when there is none yet; it is made only by a run that changes something. */
  get knownSecret(): string | undefined {
    return this.#secret ?? readSecret(this.#cacheDir)
  }

  get(task: Task): TaskState | undefined {
    return this.#tasks.get(stateId(task))
  }

  set(task: Task, state: TaskState): void {
    this.#tasks.set(stateId(task), state)
    this.#changed = true
  }

  delete(task: Task): void {
    if (this.#tasks.delete(stateId(task))) this.#changed = true
  }

  async save(): Promise<void> {
    await this.index.save()
    if (!this.#changed && this.#bootId === bootId()) return
    this.#bootId = bootId()
    const file: StateFile = { version: 1, bootId: this.#bootId, tasks: Object.fromEntries(this.#tasks) }
    writeSealed(join(this.dir, 'state'), JSON.stringify(file))
    this.#changed = false
  }

  marker(): RunMarker | undefined {
    try {
      const marker: RunMarker = JSON.parse(readFileSync(this.#markerFile(), 'utf8'))
      return marker
    } catch {
      return undefined
    }
  }

  setMarker(marker: RunMarker): void {
    writeAtomically(this.#markerFile(), JSON.stringify(marker))
  }

  clearMarker(): void {
    rmSync(this.#markerFile(), { force: true })
  }

  #markerFile(): string {
    return join(this.dir, 'running')
  }

  #read(): StateFile | undefined {
    const text = readSealed(join(this.dir, 'state'), path => this.damaged.push(path))
    if (text === undefined) return undefined
    const file: StateFile = JSON.parse(text)
    return file.version === 1 ? file : undefined
  }
}

/** Tasks of one name in two workflows are one only when they own the same output. */
const stateId = (task: Task): string => `${task.name} ${task.outputs[0] ?? ''}`

const secretFile = (cacheDir: string): string => join(cacheDir, 'secret')

function readSecret(cacheDir: string): string | undefined {
  try {
    return readFileSync(secretFile(cacheDir), 'utf8')
  } catch {
    return undefined
  }
}

function machineSecret(cacheDir: string): string {
  const known = readSecret(cacheDir)
  if (known !== undefined) return known
  try {
    writeFileSync(secretFile(cacheDir), randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' })
  } catch {}
  return readFileSync(secretFile(cacheDir), 'utf8')
}
