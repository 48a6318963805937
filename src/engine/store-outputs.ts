/** Puts what a task made into the store: every file's blobs, and the manifest that names them. */

import type { BlobStore } from './blob-store.ts'
import { chunkBytes } from './content.ts'
import type { Digest } from './digest.ts'
import type { FileIndex } from './file-index.ts'
import type { Manifest, ManifestEntry } from './manifest.ts'
import { permissions, scanTree, type TreeEntry } from './tree.ts'

export interface StoreOutputs {
  readonly projectDir: string
  readonly outputs: readonly string[]
  readonly index: FileIndex
  readonly blobs: BlobStore
  /** False: digests only, nothing is stored. */
  readonly store: boolean
}

export type StoredOutputs =
  | { readonly manifest: Manifest; readonly sizeBytes: number }
  | { readonly missing: string }
  | { readonly special: string }

/** How many large files are read at once: one per core of a small machine, so that hashing does not wait for the disk. */
const readers = 2

/** Throws what the file system says (ENOSPC) when the store takes no more. */
export async function storeOutputs(options: StoreOutputs): Promise<StoredOutputs> {
  const all: TreeEntry[] = []
  for (const output of options.outputs) {
    const entries = scanTree(options.projectDir, output)
    if (entries.length === 0) return { missing: output }
    const special = entries.find(entry => entry.type === 'special')
    if (special) return { special: special.path }
    all.push(...entries)
  }
  const entries = new Array<ManifestEntry>(all.length)
  let next = 0
  const worker = async () => {
    for (let at = next++; at < all.length; at = next++) {
      const entry = all[at]
      if (entry) entries[at] = await storeEntry(entry, options)
    }
  }
  await Promise.all(Array.from({ length: readers }, worker))
  const sizeBytes = entries.reduce((sum, entry) => sum + (entry.type === 'file' ? entry.size : 0), 0)
  return { manifest: { version: 1, entries }, sizeBytes }
}

async function storeEntry(entry: TreeEntry, options: StoreOutputs): Promise<ManifestEntry> {
  if (entry.type === 'link') return entry
  if (entry.type === 'special') throw new Error(`Not storable: ${entry.path}`)
  const mtimeUs = Number(entry.stat.mtimeNs / 1000n)
  const mode = permissions(entry.stat)
  if (entry.type === 'folder') return { type: 'folder', path: entry.path, mode, mtimeUs }
  const known = alreadyStored(entry.path, entry, options)
  if (known) return { type: 'file', path: entry.path, mode, mtimeUs, ...known }
  const { blobs, store, index } = options
  const content = await index.read(
    entry.path,
    entry.stat,
    store ? (digest, bytes) => blobs.put(digest, bytes) : undefined,
  )
  return { type: 'file', path: entry.path, mode, mtimeUs, ...content }
}

/** A file that is unchanged and whose blobs are there need not be read. */
function alreadyStored(path: string, entry: TreeEntry & { type: 'file' }, { index, blobs, store }: StoreOutputs) {
  const digest = index.known(path, entry.stat)
  if (!digest) return undefined
  const size = Number(entry.stat.size)
  if (!store) return { digest, size }
  if (size <= chunkBytes) return blobs.has(digest, size) ? { digest, size } : undefined
  const chunks = index.chunksOf(digest)
  if (!chunks?.every((chunk, at) => blobs.has(chunk, chunkSize(size, at)))) return undefined
  return { digest, size, chunks }
}

export const chunkSize = (size: number, at: number): number => Math.min(chunkBytes, size - at * chunkBytes)

export const chunksFit = (size: number, chunks: readonly Digest[]): boolean =>
  chunks.length === Math.ceil(size / chunkBytes)
