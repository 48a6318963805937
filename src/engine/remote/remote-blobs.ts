/** Blobs in a remote: in pieces, each a value of its own, checked as a whole on arrival. */
import { type Digest, digestOf } from '../../platform/digest.ts'
import { BlobProblem } from '../store/blob-store.ts'
import type { SizedBlob } from '../store/manifest.ts'
import type { RemoteStore } from './remote-store.ts'

/** A piece arrives within the patience of a run even where a connection carries no more than 4 Mbit/s. */
export const pieceBytes = 512 * 1024

/** One request to the store, as the caller is willing to wait for it. */
export type Request = <T>(ask: (store: RemoteStore) => Promise<T>) => Promise<T>

export class RemoteBlobs {
  readonly #prefix: string
  readonly #arrived: (bytes: number) => void

  /** `arrived`: called for each piece that came or went. */
  constructor(prefix: string, arrived: (bytes: number) => void) {
    this.#prefix = prefix
    this.#arrived = arrived
  }

  /** Throws a BlobProblem when it is not there, or not what its name says. */
  async get({ digest, size }: SizedBlob, request: Request): Promise<Uint8Array> {
    const pieces: Buffer[] = []
    for (const [at, key] of this.keys({ digest, size }).entries()) {
      const start = at * pieceBytes
      const length = Math.min(pieceBytes, size - start)
      const text = await request(store => store.get(key))
      if (text === undefined) throw new BlobProblem(digest, false)
      const piece = text.length === Math.ceil(length / 3) * 4 ? Buffer.from(text, 'base64') : undefined
      if (piece?.length !== length) throw new BlobProblem(digest, true)
      pieces.push(piece)
      this.#arrived(length)
    }
    const bytes = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
    if (digestOf(bytes) !== digest) throw new BlobProblem(digest, true)
    return bytes
  }

  /** Writes the pieces whose keys are `wanted`. */
  async put(digest: Digest, bytes: Uint8Array, wanted: (key: string) => boolean, request: Request): Promise<void> {
    for (const [at, key] of this.keys({ digest, size: bytes.length }).entries()) {
      if (!wanted(key)) continue
      const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        .subarray(at * pieceBytes, (at + 1) * pieceBytes)
        .toString('base64')
      await request(store => write(store, key, piece))
      this.#arrived(pieceBytes)
    }
  }

  /** An empty blob has one piece, too. */
  keys({ digest, size }: SizedBlob): readonly string[] {
    const count = Math.max(1, Math.ceil(size / pieceBytes))
    return Array.from({ length: count }, (_, at) => `${this.#prefix}/blobs/${digest.slice(0, 2)}/${digest}/${at}`)
  }
}

export async function write(store: RemoteStore, key: string, value: string): Promise<void> {
  if (!(await store.set(key, value))) throw new Error('the store did not take a value')
}
