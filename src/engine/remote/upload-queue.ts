/** Results on their way into the remote, one after the other, while the run goes on. */
import { sleep } from '../../platform/clock.ts'
import type { BlobStore } from '../store/blob-store.ts'
import { blobsOf, encodeManifest, type Manifest } from '../store/manifest.ts'
import type { ResultRecord } from '../store/result-cache.ts'
import { inParallel } from './in-parallel.ts'
import type { Patience } from './patience.ts'
import { type RemoteBlobs, type Request, write } from './remote-blobs.ts'
import { encodeRecord, recordKey } from './remote-record.ts'
import type { RemoteConnection } from './remote-store.ts'

export interface Uploaded {
  readonly record: ResultRecord
  readonly manifest: Manifest
  /** Where the blobs are. */
  readonly blobs: BlobStore
  /** True: what is in the remote is not good, so that every piece is written anew. */
  readonly replaces: boolean
}

export interface UploadOptions {
  readonly prefix: string
  readonly blobs: RemoteBlobs
  readonly patience: Patience
  readonly connect: () => Promise<RemoteConnection>
  /** How long the end of a run may wait. */
  readonly limitMs: number
  readonly words: (error: unknown) => string
}

const keysAtOnce = 500
const shownNames = 3

export class UploadQueue {
  readonly #options: UploadOptions
  readonly #waiting: Uploaded[] = []
  #draining: Promise<void> | undefined
  #stopped: string | undefined

  constructor(options: UploadOptions) {
    this.#options = options
  }

  add(result: Uploaded): void {
    this.#waiting.push(result)
    this.#draining ??= this.#drain()
  }

  /** Undefined when all is there, else what is not, and why. */
  async finish(signal: AbortSignal): Promise<string | undefined> {
    if (this.#draining) {
      const { patience, limitMs } = this.#options
      const enough = new AbortController()
      const limit = sleep(limitMs, AbortSignal.any([signal, enough.signal])).catch(() => {})
      await patience.delaying(() => Promise.race([this.#draining, limit]))
      enough.abort()
    }
    if (this.#waiting.length === 0) return undefined
    const reason = signal.aborted ? 'interrupted' : `it took longer than ${this.#options.limitMs / 1000} s`
    this.#stopped ??= reason
    const names = this.#waiting.map(({ record }) => record.task)
    const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : ''
    return `${names.slice(0, shownNames).join(', ')}${more} (${this.#stopped})`
  }

  /** Ends when nothing waits or something went wrong; never rejects. */
  async #drain(): Promise<void> {
    for (let next = this.#waiting[0]; next && this.#stopped === undefined; next = this.#waiting[0]) {
      try {
        await this.#put(next)
        this.#waiting.shift()
      } catch (error) {
        this.#stopped = this.#options.words(error)
      }
    }
    if (this.#stopped === undefined) this.#draining = undefined
  }

  /** Blobs, then the manifest, then the record that publishes them. */
  async #put({ record: { parts: _, ...record }, manifest, blobs: local, replaces }: Uploaded): Promise<void> {
    const { prefix, blobs, connect } = this.#options
    const { parallel } = await connect()
    const text = Buffer.from(record.shortManifest ?? encodeManifest(manifest))
    const long = record.shortManifest === undefined ? [{ digest: record.manifest, size: text.length }] : []
    const all = [...blobsOf(manifest), ...long]
    const there = replaces ? new Set<string>() : await this.#there(all.flatMap(blob => blobs.keys(blob)))
    const wanted = (key: string) => !there.has(key)
    await inParallel(all, parallel, async blob => {
      if (!blobs.keys(blob).some(wanted)) return
      const bytes = blob.digest === record.manifest ? text : local.get(blob)
      await blobs.put(blob.digest, bytes, wanted, this.#request)
    })
    const sealed = encodeRecord({ ...record, manifestBytes: text.length })
    await this.#request(store => write(store, recordKey(prefix, record.key), sealed))
  }

  async #there(keys: readonly string[]): Promise<Set<string>> {
    const there = new Set<string>()
    for (let start = 0; start < keys.length; start += keysAtOnce) {
      const some = keys.slice(start, start + keysAtOnce)
      const found = await this.#request(store => store.hasMany([...some]))
      for (const [at, key] of some.entries()) if (found[at]) there.add(key)
    }
    return there
  }

  readonly #request: Request = async ask => {
    if (this.#stopped !== undefined) throw new Error(this.#stopped)
    const { store } = await this.#options.connect()
    return this.#options.patience.ask(() => ask(store))
  }
}
