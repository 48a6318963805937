/** The content of files as digests: small files whole, large ones as a list of chunks, hashed beside the main thread. */
import { webcrypto } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { type Digest, digestOf } from '../../platform/digest.ts'

/** A file that is larger is stored in pieces of this size, each a blob of its own. */
export const chunkBytes = 8 * 1024 * 1024
/** Up to here a file is hashed at once, on the main thread: handing it over would take longer. */
const smallBytes = 64 * 1024

export interface Content {
  /** Of the bytes; of a file with chunks: of the list of chunks' digests, one a line. */
  readonly digest: Digest
  readonly size: number
  readonly chunks?: readonly Digest[]
}

/** Takes each piece of a file after it was hashed, to store it in the same pass. The bytes are there until it returns. */
export type PieceSink = (digest: Digest, bytes: Uint8Array) => void

export const isSmall = (size: number): boolean => size <= smallBytes

export const digestOfChunks = (chunks: readonly Digest[]): Digest => digestOf(`${chunks.join('\n')}\n`)

/** Into memory that is the caller's until it waits for something. */
function readSmall(path: string | Buffer, size: number): Uint8Array {
  // One read of the known size; a file that grew meanwhile is noticed by its stat.
  const fd = openSync(path, 'r')
  try {
    const buffer = scratch.subarray(0, size)
    const length = readSync(fd, buffer, 0, size, 0)
    return length === size ? buffer : readFileSync(path)
  } finally {
    closeSync(fd)
  }
}

/** Of the chunk at this place in the list of a file's chunks. */
export const chunkSize = (size: number, at: number): number => Math.min(chunkBytes, size - at * chunkBytes)

export const chunksFit = (size: number, chunks: readonly Digest[]): boolean =>
  chunks.length === Math.ceil(size / chunkBytes)

/**
 * Any size; never holds more than one chunk. The memory is used again: where a page fault is dear, fresh memory for
 * every piece takes longer than to read and hash it.
 */
export async function hashFile(path: string | Buffer, size: number, sink?: PieceSink): Promise<Content> {
  if (isSmall(size)) {
    const bytes = readSmall(path, size)
    const content = { digest: digestOf(bytes), size: bytes.length }
    sink?.(content.digest, bytes)
    return content
  }
  const file = await open(path, 'r')
  const memory = spare.pop() ?? Buffer.allocUnsafeSlow(chunkBytes)
  try {
    const chunks: Digest[] = []
    let total = 0
    for (;;) {
      const wanted = Math.max(1, Math.min(chunkBytes, Math.max(size - total, smallBytes)))
      const buffer = memory.subarray(0, wanted)
      const length = await fill(file, buffer, total)
      if (length === 0 && total > 0) break
      const bytes = buffer.subarray(0, length)
      const digest = await digestBeside(bytes)
      sink?.(digest, bytes)
      chunks.push(digest)
      total += length
      if (length < buffer.length) break
    }
    const [only] = chunks
    if (total <= chunkBytes && chunks.length === 1 && only) return { digest: only, size: total }
    return { digest: digestOfChunks(chunks), size: total, chunks }
  } finally {
    spare.push(memory)
    await file.close()
  }
}

const scratch = Buffer.allocUnsafeSlow(smallBytes)
/** As many as files were ever hashed at once. */
const spare: Buffer<ArrayBuffer>[] = []

async function fill(file: Awaited<ReturnType<typeof open>>, buffer: Buffer, position: number): Promise<number> {
  let length = 0
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, position + length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return length
}

/** On a thread of the pool, so that several files are hashed at once. */
async function digestBeside(bytes: Uint8Array<ArrayBuffer>): Promise<Digest> {
  const buffer = await webcrypto.subtle.digest('SHA-256', bytes)
  return Buffer.from(buffer).toString('hex') as Digest
}
