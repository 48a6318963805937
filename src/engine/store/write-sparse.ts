/** Writes a part of a file without what is only zeros there, which then takes no room on the disk. */
import { writeSync } from 'node:fs'

/** As most file systems have blocks. */
const blockBytes = 4_096
const zeros = Buffer.alloc(blockBytes)

/** The part begins at a multiple of the block's size. What is left out at the end is for the caller to add (ftruncate). */
export function writeSparse(fd: number, bytes: Uint8Array, position: number): void {
  for (let from = 0; from < bytes.length; ) {
    const to = endOfRun(bytes, from)
    if (!isZero(bytes, from)) for (let at = from; at < to; ) at += writeSync(fd, bytes, at, to - at, position + at)
    from = to
  }
}

/** Blocks that are alike in being zeros, or not, are one run. */
function endOfRun(bytes: Uint8Array, from: number): number {
  const wanted = isZero(bytes, from)
  let to = from + blockBytes
  while (to < bytes.length && isZero(bytes, to) === wanted) to += blockBytes
  return Math.min(to, bytes.length)
}

function isZero(bytes: Uint8Array, from: number): boolean {
  const length = Math.min(blockBytes, bytes.length - from)
  return zeros.compare(bytes, from, from + length, 0, length) === 0
}
