/**
 * A cache that others share, as a second level: results that this machine lacks are looked up there, and what it made
 * is put there when it may be. Whatever the remote does, it costs a warning and little time.
 */
import type { Digest } from '../../platform/digest.ts'
import { messageOf } from '../../platform/failure.ts'
import { codeOf } from '../../platform/files.ts'
import { storageProblem } from '../../platform/system-error.ts'
import { BlobProblem, type BlobStore } from '../store/blob-store.ts'
import { blobsOf, type Manifest } from '../store/manifest.ts'
import { misplaced } from '../store/packs.ts'
import type { Task } from '../workflow/workflow.ts'
import { connectStore } from './connect-store.ts'
import { inParallel } from './in-parallel.ts'
import { Patience, PatienceOver } from './patience.ts'
import { type RemoteAddress, withoutSecrets } from './remote-address.ts'
import { RemoteBlobs, type Request } from './remote-blobs.ts'
import {
  checkManifest,
  decodeRecord,
  RemoteProblem,
  type RemoteRecord,
  recordKey,
  whyNotShared,
} from './remote-record.ts'
import type { RemoteConnection } from './remote-store.ts'
import { type Uploaded, UploadQueue } from './upload-queue.ts'

export type RemotePolicy = 'read-only' | 'read-write'

export interface RemoteCacheOptions {
  readonly address: RemoteAddress
  readonly policy: RemotePolicy
  /** Who chose the server: one that a project names gets no password of the user's environment. Default: the user. */
  readonly namedBy?: 'user' | 'project'
  /** One for each level of trust: who reads one trusts all who write to it. */
  readonly namespace: string
  /** Results that are larger are not taken. */
  readonly maxBytes: number
  /** How long nothing may come, and how long may be waited for nothing; default 1 s. */
  readonly patienceMs?: number
  /** How long the end of a run waits for uploads that go on; default 30 s. */
  readonly uploadMs?: number
}

/** A result that is there and fits the task; its blobs have not come yet. */
export interface RemoteResult {
  readonly record: RemoteRecord
  readonly manifest: Manifest
}

/** So many results of one run may be damaged; then the remote is not asked any more. */
const maxDamaged = 3
const layout = 1
const defaultPatienceMs = 1_000

export class RemoteCache {
  /** Told what the user should know. */
  onWarning: (text: string, task?: string) => void = () => {}
  readonly #options: RemoteCacheOptions
  readonly #patience: Patience
  readonly #blobs: RemoteBlobs
  readonly #uploads: UploadQueue
  readonly #prefix: string
  /** Each key is asked for once in a run. */
  readonly #found = new Map<Digest, Promise<RemoteResult | undefined>>()
  /** Results that could not be used: what this run makes instead replaces them. */
  readonly #unusable = new Set<Digest>()
  #damaged = 0
  #connecting: Promise<RemoteConnection> | undefined
  #connection: RemoteConnection | undefined

  constructor(options: RemoteCacheOptions) {
    const { patienceMs = defaultPatienceMs, uploadMs = 30_000, namespace } = options
    this.#options = options
    this.#prefix = `k8s-ha/${layout}/${namespace}`
    this.#patience = new Patience({ limitMs: patienceMs, onEnd: reason => this.#end(reason) })
    this.#blobs = new RemoteBlobs(this.#prefix, bytes => this.#patience.earnBytes(bytes))
    this.#uploads = new UploadQueue({
      prefix: this.#prefix,
      blobs: this.#blobs,
      patience: this.#patience,
      connect: () => this.#connect(),
      limitMs: uploadMs,
      words: error => this.#words(error),
    })
  }

  get writes(): boolean {
    return this.#options.policy === 'read-write'
  }

  /** Undefined: no result there that can be used. */
  find(task: Task, key: Digest): Promise<RemoteResult | undefined> {
    const known = this.#found.get(key)
    if (known) return known
    const found = this.#find(task, key)
    this.#found.set(key, found)
    return found
  }

  async #find(task: Task, key: Digest): Promise<RemoteResult | undefined> {
    try {
      return await this.#patience.delaying(async () => {
        const sealed = await this.#request(store => store.get(recordKey(this.#prefix, key)))
        if (sealed === undefined) return undefined
        const record = decodeRecord(sealed, key)
        const text = record.shortManifest ?? (await this.#manifestText(record))
        const manifest = checkManifest(text, {
          record,
          outputs: task.outputs,
          maxBytes: this.#options.maxBytes,
        })
        return { record, manifest }
      })
    } catch (error) {
      this.#judge(error, task, key)
      return undefined
    }
  }

  /** Brings the blobs that this machine lacks. Undefined when all are there now, else what stood in the way. */
  async fetch(
    task: Task,
    { record, manifest }: RemoteResult,
    { blobs, signal }: { readonly blobs: BlobStore; readonly signal: AbortSignal },
  ): Promise<string | undefined> {
    const missing = blobsOf(manifest).filter(({ digest, size }) => !blobs.has(digest, size))
    try {
      await this.#patience.delaying(async () => {
        const { parallel } = await this.#connect()
        await inParallel(missing, parallel, async blob => {
          signal.throwIfAborted()
          blobs.put(blob.digest, await this.#blobs.get(blob, this.#request))
        })
        const lie = misplaced(manifest, blobs)
        if (lie !== undefined) throw new RemoteProblem(`"${lie}" is not what its manifest says`)
      })
    } catch (error) {
      if (signal.aborted) return 'interrupted'
      return this.#judge(error, task, record.key)
    }
    this.#patience.earnMs(record.durationMs)
    return undefined
  }

  /** In the background; `finish` waits for it. */
  upload(task: Task, made: Omit<Uploaded, 'replaces'>): void {
    if (!this.writes) return
    const obstacle = whyNotShared(made.manifest, task.outputs)
    if (obstacle !== undefined) this.onWarning(`Its result is not uploaded: ${obstacle}`, task.name)
    else this.#uploads.add({ ...made, replaces: this.#mustReplace(made.record.key) })
  }

  /**
   * What was found unusable, and, when the user forced the task, everything that is there: it was not even looked at.
   */
  #mustReplace(key: Digest): boolean {
    return this.#unusable.has(key) || !this.#found.has(key)
  }

  /** At the end of a run: waits for uploads, not for long, and reports which results are not there. */
  async finish(signal: AbortSignal): Promise<void> {
    const left = await this.#uploads.finish(signal)
    if (left) this.onWarning(`Not uploaded to ${this.#options.address.shown}: ${left}`)
  }

  close(): void {
    this.#connection?.close()
  }

  /** What stood in the way, in words; a result that is damaged is named to the user. */
  #judge(error: unknown, task: Task, key: Digest): string {
    if (error instanceof PatienceOver) return 'the remote cache does not answer'
    if (!(error instanceof BlobProblem || error instanceof RemoteProblem)) {
      if (codeOf(error) === undefined) throw error
      return storageProblem(error)
    }
    this.#unusable.add(key)
    if (error instanceof RemoteProblem || error.damaged) {
      const from = `Its result in the remote cache ${this.#options.address.shown}`
      this.onWarning(`${from} is not used: ${error.message}`, task.name)
      this.#damaged += 1
      if (this.#damaged === maxDamaged) this.#patience.end(`${maxDamaged} of its results are damaged`)
    }
    return error.message
  }

  async #manifestText({ manifest, manifestBytes }: RemoteRecord): Promise<string> {
    return Buffer.from(await this.#blobs.get({ digest: manifest, size: manifestBytes }, this.#request)).toString()
  }

  /** A request of which the run waits for the answer; when it fails, the remote is not asked any more. */
  readonly #request: Request = async ask => {
    const { store } = await this.#connect()
    return this.#orEnd(() => ask(store))
  }

  async #orEnd<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await this.#patience.ask(ask)
    } catch (error) {
      throw error instanceof PatienceOver ? error : this.#giveUp(error)
    }
  }

  #giveUp(error: unknown): PatienceOver {
    const reason = this.#words(error)
    this.#patience.end(reason)
    return new PatienceOver(reason)
  }

  #words(error: unknown): string {
    // A connection that is refused by several addresses is an error without words of its own.
    const first = error instanceof AggregateError ? error.errors[0] : error
    const text = messageOf(first)
    return withoutSecrets(text, this.#options.address)
  }

  #connect(): Promise<RemoteConnection> {
    this.#connecting ??= this.#open()
    return this.#connecting
  }

  async #open(): Promise<RemoteConnection> {
    const { address, patienceMs = defaultPatienceMs, namedBy = 'user' } = this.#options
    let connection: RemoteConnection
    try {
      // Loading what speaks to it is not the remote's time.
      connection = await connectStore(address, { writable: this.writes, limitMs: patienceMs, namedBy })
    } catch (error) {
      throw this.#giveUp(error)
    }
    this.#connection = connection
    await this.#orEnd(() => connection.open())
    return connection
  }

  #end(reason: string): void {
    this.#connection?.close()
    this.onWarning(`The remote cache ${this.#options.address.shown} is not asked any more in this run: ${reason}`)
  }
}
