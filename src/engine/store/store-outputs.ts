/** Puts what a task made into the store: every file's blobs, and the manifest that names them. */
import type { BigIntStats } from 'node:fs'
import type { Digest } from '../../platform/digest.ts'
import { chunkBytes, chunkSize, isSmall } from '../files/content.ts'
import type { FileIndex } from '../files/file-index.ts'
import { outputPaths } from '../files/output-files.ts'
import { whyOutside } from '../files/output-place.ts'
import { keptPermissions, scanTree, type TreeEntry } from '../files/tree.ts'
import { globsAmong } from '../workflow/output-globs.ts'
import type { BlobStore } from './blob-store.ts'
import type { Manifest, ManifestEntry } from './manifest.ts'
import { Packer } from './packs.ts'

export interface StoreOutputs {
  readonly projectDir: string
  readonly outputs: readonly string[]
  readonly index: FileIndex
  readonly blobs: BlobStore
  /** False: digests only, nothing is stored. */
  readonly store: boolean
}

export type StoredOutputs =
  /** `program`: its set-user-id or set-group-id bit is not kept. */
  | { readonly manifest: Manifest; readonly sizeBytes: number; readonly program?: string }
  | { readonly missing: string }
  | { readonly special: string }
  | { readonly outside: string }

/** How many large files are read at once: one per core of a small machine, so that hashing does not wait for the disk. */
const readers = 2

/** Throws what the file system says (ENOSPC) when the store takes no more. */
export async function storeOutputs(options: StoreOutputs): Promise<StoredOutputs> {
  const all: TreeEntry[] = []
  const paths = outputPaths(options.projectDir, options.outputs)
  const unmatched = globsAmong(options.outputs)?.unmatched(paths)
  if (unmatched !== undefined) return { missing: unmatched }
  for (const output of paths) {
    const outside = whyOutside(options.projectDir, output)
    if (outside !== undefined) return { outside }
    const entries = [...scanTree(options.projectDir, output)]
    if (entries.length === 0) return { missing: output }
    const special = entries.find(entry => entry.type === 'special')
    if (special) return { special: special.path }
    all.push(...entries)
  }
  const entries = new Array<ManifestEntry>(all.length)
  const packer = options.store && all.filter(isSmallFile).length > 1 ? new Packer(options.blobs) : undefined
  const toPack = packer ? all.flatMap((entry, at) => (isSmallFile(entry) ? [at] : [])) : []
  const toStore = packer ? all.flatMap((entry, at) => (isSmallFile(entry) ? [] : [at])) : [...all.keys()]
  const work = async (queue: Iterator<number>, store: (entry: TreeEntry) => Promise<ManifestEntry>) => {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      const entry = all[next.value]
      if (entry) entries[next.value] = await store(entry)
    }
  }
  const queue = toStore.values()
  await Promise.all([
    ...Array.from({ length: readers }, () => work(queue, entry => storeEntry(entry, options))),
    // One after the other: their order decides what the packs hold.
    packer && work(toPack.values(), entry => storeEntry(entry, options, packer)),
  ])
  packer?.end()
  const sizeBytes = entries.reduce((sum, entry) => sum + (entry.type === 'file' ? entry.size : 0), 0)
  const program = all.find(entry => entry.type === 'file' && (entry.stat.mode & 0o6000n) !== 0n)?.path
  const stored = { sizeBytes, ...(program === undefined ? {} : { program }) }
  return { ...stored, manifest: { version: 1, ...(packer ? { packs: packer.packs } : {}), entries } }
}

type FoundFile = TreeEntry & { readonly type: 'file' }

const isSmallFile = (entry: TreeEntry): boolean => entry.type === 'file' && isSmall(Number(entry.stat.size))

async function storeEntry(entry: TreeEntry, options: StoreOutputs, packer?: Packer): Promise<ManifestEntry> {
  if (entry.type === 'link') return entry
  if (entry.type === 'special') throw new Error(`Not storable: ${entry.path}`)
  const mtimeUs = Number(entry.stat.mtimeNs / 1000n)
  const mode = keptPermissions(entry.stat)
  if (entry.type === 'folder') return { type: 'folder', path: entry.path, mode, mtimeUs }
  const stored = (packer && (await pack(entry, options, packer))) ?? (await storeFile(entry, options))
  const sparse = isSparse(entry.stat) ? { sparse: true as const } : {}
  return { type: 'file', path: entry.path, mode, mtimeUs, ...sparse, ...stored }
}

/** A file of a few blocks may lie in its inode, and saves nothing. */
const isSparse = ({ size, blocks }: BigIntStats): boolean => size > 65_536n && blocks * 512n < size

/** Undefined: it has become a large file meanwhile. */
async function pack(entry: FoundFile, { index }: StoreOutputs, packer: Packer) {
  let bytes: Uint8Array = new Uint8Array()
  const content = await index.read(entry.path, entry.stat, (_digest, piece) => {
    bytes = new Uint8Array(piece)
  })
  if (content.chunks) return undefined
  return { ...content, packed: packer.add(content.digest, bytes) }
}

async function storeFile(entry: FoundFile, options: StoreOutputs) {
  const { blobs, store, index } = options
  const sink = store ? (digest: Digest, bytes: Uint8Array) => blobs.put(digest, bytes) : undefined
  return alreadyStored(entry, options) ?? (await index.read(entry.path, entry.stat, sink))
}

/** A file that is unchanged and whose blobs are there need not be read. */
function alreadyStored(entry: FoundFile, { index, blobs, store }: StoreOutputs) {
  const digest = index.known(entry.path, entry.stat)
  if (!digest) return undefined
  const size = Number(entry.stat.size)
  if (!store) return { digest, size }
  if (size <= chunkBytes) return blobs.has(digest, size) ? { digest, size } : undefined
  const chunks = index.chunksOf(digest)
  if (!chunks?.every((chunk, at) => blobs.has(chunk, chunkSize(size, at)))) return undefined
  return { digest, size, chunks }
}
