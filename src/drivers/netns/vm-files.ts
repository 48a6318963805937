/**
 * Files that a VM wrote, read on this machine. Root in a VM decides what lies there, also while it is read: a
 * link to a file of this machine, a pipe that nobody writes to, a device. Only regular files are read, no link is
 * followed, and nothing waits.
 */
import { closeSync, constants, fstatSync, mkdirSync, openSync, readdirSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants
const pieceBytes = 1024 * 1024

/** Undefined when there is no such file, or something else than a regular one. */
export function withFile<T>(path: string, read: (file: number, sizeBytes: number) => T): T | undefined {
  const file = opened(path, O_NONBLOCK)
  if (file === undefined) return undefined
  try {
    const stats = fstatSync(file)
    return stats.isFile() ? read(file, stats.size) : undefined
  } finally {
    closeSync(file)
  }
}

/** The bytes from `from` on, as many as there are now. */
export function* bytesOf(file: number, from: number, to: number): Generator<Uint8Array> {
  for (let at = from; at < to; ) {
    const buffer = Buffer.alloc(Math.min(pieceBytes, to - at))
    const length = readSync(file, buffer, 0, buffer.length, at)
    if (length === 0) return
    yield buffer.subarray(0, length)
    at += length
  }
}

/** Regular files and folders; what else lies there is left out. */
export function copyFiles(from: string, to: string): void {
  const folder = opened(from, O_DIRECTORY)
  if (folder === undefined) return
  try {
    mkdirSync(to, { recursive: true })
    // By the descriptor, so that nothing can take the place of a folder that was looked at.
    const inside = `/proc/self/fd/${folder}`
    for (const entry of readdirSync(inside, { withFileTypes: true })) {
      const target = join(to, entry.name)
      if (entry.isDirectory()) copyFiles(join(inside, entry.name), target)
      else withFile(join(inside, entry.name), (file, size) => writeTo(target, bytesOf(file, 0, size)))
    }
  } finally {
    closeSync(folder)
  }
}

function writeTo(target: string, pieces: Iterable<Uint8Array>): void {
  writeFileSync(target, '')
  for (const piece of pieces) writeFileSync(target, piece, { flag: 'a' })
}

function opened(path: string, flags: number): number | undefined {
  try {
    return openSync(path, O_RDONLY | O_NOFOLLOW | flags)
  } catch {
    // Absent, a link, a socket, or a folder where a file was expected.
    return undefined
  }
}
