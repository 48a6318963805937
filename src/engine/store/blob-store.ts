/** Contents by their digest. A blob appears whole or not at all, and is checked each time that it is read. */
import { closeSync, openSync, readFileSync, readSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Digest, digestOf } from '../../platform/digest.ts'
import { isMissing, makeFolder, temporaryName, writeAll } from '../../platform/files.ts'
import { blobsDir, temporaryDir } from './cache-layout.ts'
import type { SizedBlob } from './manifest.ts'

/** A blob that is not what its name says, or not there. */
export class BlobProblem extends Error {
  readonly digest: Digest
  readonly damaged: boolean

  constructor(digest: Digest, damaged: boolean) {
    super(`blob ${digest.slice(0, 12)}… is ${damaged ? 'damaged' : 'gone'}`)
    this.digest = digest
    this.damaged = damaged
  }
}

export class BlobStore {
  readonly #dir: string
  readonly #temporary: string
  readonly #madeFolders = new Set<string>()

  constructor(cacheDir: string) {
    this.#dir = blobsDir(cacheDir)
    this.#temporary = temporaryDir(cacheDir)
  }

  path(digest: Digest): string {
    return `${this.#dir}/${digest.slice(0, 2)}/${digest}`
  }

  has(digest: Digest, size: number): boolean {
    return statSync(this.path(digest), { throwIfNoEntry: false })?.size === size
  }

  /** Nothing to do when it is there already. */
  put(digest: Digest, bytes: Uint8Array): void {
    if (this.has(digest, bytes.length)) return
    try {
      this.#write(digest, bytes)
    } catch (error) {
      // Someone emptied the cache during the run: its folders are made again, once.
      if (!isMissing(error)) throw error
      this.#madeFolders.clear()
      this.#write(digest, bytes)
    }
  }

  #write(digest: Digest, bytes: Uint8Array): void {
    const temporary = join(this.#temporary, temporaryName())
    try {
      this.#folder(this.#temporary)
      // For the owner only: outputs may be private keys.
      const fd = openSync(temporary, 'wx', 0o600)
      try {
        writeAll(fd, bytes)
      } finally {
        closeSync(fd)
      }
      this.#folder(join(this.#dir, digest.slice(0, 2)))
      renameSync(temporary, this.path(digest))
    } catch (error) {
      rmSync(temporary, { force: true })
      throw error
    }
  }

  /**
   * `memory`, when it is larger than the blob, is where the bytes then are: for who reads many, one after the other.
   * Throws a BlobProblem; a damaged blob is removed, so that the next result can bring a good one.
   */
  get(blob: SizedBlob, memory?: Buffer): Uint8Array {
    const read = this.#read(blob, memory)
    if (!(read instanceof BlobProblem)) return read
    if (read.damaged) rmSync(this.path(blob.digest), { force: true })
    throw read
  }

  /** What `get` would throw; changes nothing. */
  problem(blob: SizedBlob): BlobProblem | undefined {
    const read = this.#read(blob)
    return read instanceof BlobProblem ? read : undefined
  }

  #read({ digest, size }: SizedBlob, memory?: Buffer): Uint8Array | BlobProblem {
    let bytes: Uint8Array
    try {
      bytes = memory && size < memory.length ? readInto(memory, this.path(digest)) : readFileSync(this.path(digest))
    } catch (error) {
      if (isMissing(error)) return new BlobProblem(digest, false)
      throw error
    }
    return digestOf(bytes) === digest ? bytes : new BlobProblem(digest, true)
  }

  #folder(path: string): void {
    if (this.#madeFolders.has(path)) return
    makeFolder(path)
    this.#madeFolders.add(path)
  }
}

/** As much as there is room for: of a blob that is too long at least one byte too many, so that it is seen to be damaged. */
function readInto(memory: Buffer, path: string): Uint8Array {
  const fd = openSync(path, 'r')
  try {
    return memory.subarray(0, readSync(fd, memory, 0, memory.length, 0))
  } finally {
    closeSync(fd)
  }
}
