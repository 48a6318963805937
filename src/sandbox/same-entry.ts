/** Whether two files or links are alike in all that counts: kind, permissions, and content or target. Times do not. */
import { lstat, open, readlink } from 'node:fs/promises'

type Path = string | Buffer

const pieceBytes = 1024 * 1024

export async function sameEntry(one: Path, other: Path): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map(path => lstat(path).catch(() => undefined)))
  if (!a || !b) return false
  if (a.isSymbolicLink() && b.isSymbolicLink()) {
    const [from, to] = await Promise.all([one, other].map(path => readlink(path, { encoding: 'buffer' })))
    return from !== undefined && to !== undefined && from.equals(to)
  }
  return a.isFile() && b.isFile() && a.mode === b.mode && a.size === b.size && sameContent(one, other)
}

async function sameContent(one: Path, other: Path): Promise<boolean> {
  const [a, b] = [await open(one), await open(other)]
  const [from, to] = [Buffer.alloc(pieceBytes), Buffer.alloc(pieceBytes)]
  try {
    for (let at = 0; ; ) {
      const read = await a.read(from, 0, pieceBytes, at)
      const { bytesRead } = await b.read(to, 0, Math.max(1, read.bytesRead), at)
      if (bytesRead !== read.bytesRead || !from.subarray(0, bytesRead).equals(to.subarray(0, bytesRead))) return false
      if (bytesRead === 0) return true
      at += bytesRead
    }
  } finally {
    await Promise.all([a.close(), b.close()])
  }
}
