/** Puts a stored result into the project: built beside, checked byte by byte, then moved into place. */
import {
  chmodSync,
  closeSync,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  mkdirSync,
  openSync,
  renameSync,
  symlinkSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { now } from '../../platform/clock.ts'
import { systemPath } from '../../platform/file-names.ts'
import { removeTree, writeAll } from '../../platform/files.ts'
import { chunkBytes } from '../files/content.ts'
import { type FileIndex, type FileMark, markOf } from '../files/file-index.ts'
import { lstat } from '../files/lstat.ts'
import { clearOutput } from '../files/output-place.ts'
import { BlobProblem, type BlobStore } from './blob-store.ts'
import {
  blobsOf,
  type FileEntry,
  type Manifest,
  type ManifestEntry,
  outputsOf,
  ownBlobs,
  type SizedBlob,
} from './manifest.ts'
import { Stages } from './stages.ts'
import { writeSparse } from './write-sparse.ts'

export interface RestoreOutputs {
  readonly projectDir: string
  readonly cacheDir: string
  readonly outputs: readonly string[]
  readonly blobs: BlobStore
  readonly index: FileIndex
}

/** Throws a BlobProblem or what the file system says; then nothing of the outputs is left in the project. */
export async function restoreOutputs(manifest: Manifest, options: RestoreOutputs): Promise<void> {
  const { projectDir, index } = options
  const outputs = outputsOf(manifest, options.outputs)
  if (outputs.length === 0) return
  for (const output of outputs) clearOutput(projectDir, output)
  const stages = new Stages(options)
  try {
    for (const output of outputs) {
      const entries = manifest.entries.filter(entry => entry.path === output || entry.path.startsWith(`${output}/`))
      const staged = stages.placeFor(output)
      const place = (path: string) => systemPath(staged + path.slice(output.length))
      const files = await build(entries, place, { packs: manifest.packs ?? [], blobs: options.blobs })
      const untouchedUntilMs = now()
      renameSync(staged, join(projectDir, output))
      finishFolder(entries[0], join(projectDir, output))
      for (const { entry, mark } of files) {
        // Moving a file changes its times, moving the folder that it is in does not.
        const moved = entry.path === output ? lstat(projectDir, output) : undefined
        index.note(entry.path, moved ? markOf(moved) : mark, { digest: entry.digest, untouchedUntilMs })
      }
    }
  } catch (error) {
    for (const output of outputs) removeTree(join(projectDir, output))
    if (error instanceof BlobProblem) removeDamaged(manifest, options.blobs)
    throw error
  } finally {
    stages.remove()
  }
}

/** One damaged blob is seldom alone, and what seems to be there is not stored again when the task has run. */
function removeDamaged(manifest: Manifest, blobs: BlobStore): void {
  for (const blob of blobsOf(manifest)) {
    try {
      blobs.get(blob)
    } catch (error) {
      if (!(error instanceof BlobProblem)) throw error
    }
  }
}

/** A large restore must not stop everything else. */
const breath = (): Promise<void> => new Promise(setImmediate)

interface Sources {
  readonly packs: readonly SizedBlob[]
  readonly blobs: BlobStore
}

async function build(
  entries: readonly ManifestEntry[],
  place: (path: string) => string | Buffer,
  { packs, blobs }: Sources,
): Promise<readonly WrittenFile[]> {
  const files: WrittenFile[] = []
  const umask = process.umask()
  const memory = Buffer.allocUnsafe(packs.reduce((most, { size }) => Math.max(most, size), 0) + 1)
  let opened = { pack: -1, bytes: new Uint8Array() as Uint8Array }
  for (const entry of entries) {
    if (entry.type === 'folder') mkdirSync(place(entry.path), { mode: 0o700 })
    else if (entry.type === 'file') {
      const target = { umask, path: place(entry.path) }
      if (entry.packed) {
        const [pack, at] = entry.packed
        const blob = packs[pack]
        if (blob && opened.pack !== pack) {
          await breath()
          opened = { pack, bytes: blobs.get(blob, memory) }
        }
        files.push({ entry, mark: writePacked(entry, target, { bytes: opened.bytes, at }) })
      } else files.push({ entry, mark: await writeOwn(entry, target, blobs) })
    }
  }
  // Links last, so that nothing is ever written through one; then folders, innermost first, as writing changes their times.
  for (const entry of entries) if (entry.type === 'link') symlinkSync(systemPath(entry.target), place(entry.path))
  for (const entry of entries.toReversed()) {
    if (entry !== entries[0]) finishFolder(entry, place(entry.path))
  }
  return files
}

/** The output itself last, in its place: a folder that its owner may not write cannot be moved. */
function finishFolder(entry: ManifestEntry | undefined, path: string | Buffer): void {
  if (entry?.type !== 'folder') return
  chmodSync(path, entry.mode)
  utimesSync(path, timeOf(entry), timeOf(entry))
}

interface WrittenFile {
  readonly entry: FileEntry
  readonly mark: FileMark
}

interface Target {
  readonly path: string | Buffer
  readonly umask: number
}

/** In one go: there may be many. */
function writePacked(
  entry: FileEntry,
  target: Target,
  { bytes, at }: { readonly bytes: Uint8Array; readonly at: number },
): FileMark {
  const fd = openSync(target.path, 'wx', entry.mode)
  try {
    writeAll(fd, bytes.subarray(at, at + entry.size))
    return finish(fd, entry, target)
  } finally {
    closeSync(fd)
  }
}

async function writeOwn(entry: FileEntry, target: Target, blobs: BlobStore): Promise<FileMark> {
  const fd = openSync(target.path, 'wx', entry.mode)
  try {
    let at = 0
    for (const blob of ownBlobs(entry)) {
      const bytes = blobs.get(blob, chunkMemory())
      if (entry.sparse) writeSparse(fd, bytes, at)
      else writeAll(fd, bytes)
      at += bytes.length
      await breath()
    }
    if (entry.sparse) ftruncateSync(fd, entry.size)
    return finish(fd, entry, target)
  } finally {
    closeSync(fd)
  }
}

/** For a blob that is written before anything else is read. */
function chunkMemory(): Buffer {
  ownMemory ??= Buffer.allocUnsafeSlow(chunkBytes + 1)
  return ownMemory
}
let ownMemory: Buffer | undefined

/** Node.js takes a negative number for "now", though not a negative date. */
const timeOf = ({ mtimeUs }: { readonly mtimeUs: number }): number | Date =>
  mtimeUs < 0 ? new Date(Math.floor(mtimeUs / 1000)) : mtimeUs / 1e6

function finish(fd: number, entry: FileEntry, { umask }: Target): FileMark {
  const { mode } = entry
  if ((mode & ~umask) !== mode) fchmodSync(fd, mode)
  futimesSync(fd, timeOf(entry), timeOf(entry))
  return markOf(fstatSync(fd, { bigint: true }))
}
