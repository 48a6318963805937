/** Small files of a result lie together in blobs, its packs: thousands of files are then read, written and checked as a few. */
import { type Digest, digestOf } from '../../platform/digest.ts'
import type { BlobStore } from './blob-store.ts'
import type { Manifest, SizedBlob } from './manifest.ts'

/** No pack grows larger by a further file. */
const fullBytes = 1024 * 1024
/** From here on the content decides where a pack ends, so that after a file that changed the packs are soon the same again. */
const leastBytes = 256 * 1024
const lastOfPack = (digest: Digest): boolean => digest.startsWith('0')

/** Puts files into packs, in the order in which they come. */
export class Packer {
  readonly packs: SizedBlob[] = []
  readonly #blobs: BlobStore
  #contents: Uint8Array[] = []
  #size = 0

  constructor(blobs: BlobStore) {
    this.#blobs = blobs
  }

  /** Where the file will lie once `end` was called. */
  add(digest: Digest, bytes: Uint8Array): readonly [pack: number, at: number] {
    if (this.#size + bytes.length > fullBytes) this.end()
    const place = [this.packs.length, this.#size] as const
    this.#contents.push(bytes)
    this.#size += bytes.length
    if (this.#size >= leastBytes && lastOfPack(digest)) this.end()
    return place
  }

  end(): void {
    if (this.#contents.length === 0) return
    const bytes = Buffer.concat(this.#contents, this.#size)
    const digest = digestOf(bytes)
    this.#blobs.put(digest, bytes)
    this.packs.push({ digest, size: bytes.length })
    this.#contents = []
    this.#size = 0
  }
}

/** The first file whose place in its pack holds something else than the manifest says; for manifests that others made. */
export function misplaced({ packs = [], entries }: Manifest, blobs: BlobStore): string | undefined {
  let opened: { readonly pack: number; readonly bytes: Uint8Array } | undefined
  for (const entry of entries) {
    if (entry.type !== 'file' || !entry.packed) continue
    const [pack, at] = entry.packed
    const blob = packs[pack]
    if (!blob) return entry.path
    if (opened?.pack !== pack) opened = { pack, bytes: blobs.get(blob) }
    if (digestOf(opened.bytes.subarray(at, at + entry.size)) !== entry.digest) return entry.path
  }
  return undefined
}
