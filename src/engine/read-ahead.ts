/** Blobs in the order of a list: while the caller works on one, the next is read and checked on another thread. */
import type { BlobStore } from './blob-store.ts'
import type { SizedBlob } from './manifest.ts'

export class ReadAhead {
  readonly #blobs: BlobStore
  readonly #list: readonly SizedBlob[]
  #next: { readonly at: number; readonly bytes: Promise<Uint8Array> } | undefined

  constructor(blobs: BlobStore, list: readonly SizedBlob[]) {
    this.#blobs = blobs
    this.#list = list
  }

  get length(): number {
    return this.#list.length
  }

  /** Rejects with a BlobProblem. */
  get(at: number): Promise<Uint8Array> {
    const bytes = this.#next?.at === at ? this.#next.bytes : this.#start(at)
    this.#next = at + 1 < this.#list.length ? { at: at + 1, bytes: this.#start(at + 1) } : undefined
    return bytes
  }

  #start(at: number): Promise<Uint8Array> {
    const blob = this.#list[at]
    if (!blob) throw new RangeError(`There is no blob ${at}`)
    const bytes = this.#blobs.getBeside(blob.digest)
    // Whoever never asks for it need not know that it is damaged.
    bytes.catch(() => {})
    return bytes
  }
}
