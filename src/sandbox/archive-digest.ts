/** The SHA-256 of a large archive, remembered as long as the file has not been touched. */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { now } from '../platform/clock.ts'
import { failed } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'

interface Remembered {
  /** Device, inode, size, modification and change time of the file when it was read. */
  readonly identity: string
  readonly digest: string
}

/**
 * A file that changed less than this before it was read may change again without a change of its times
 * (milliseconds).
 */
const racyMs = 2_000

export async function archiveDigest(archive: string, cacheDir: string): Promise<Result<string>> {
  const note = join(
    cacheDir,
    'layers',
    'digests',
    `${createHash('sha256').update(resolve(archive)).digest('hex')}.json`,
  )
  const file = await open(archive).catch(() => undefined)
  if (file === undefined) return fail(failed(`Cannot read the root archive "${archive}": there is no such file`))
  try {
    const before = await file.stat({ bigint: true })
    const identity = [before.dev, before.ino, before.size, before.mtimeNs, before.ctimeNs].join(' ')
    const known = await readNote(note)
    if (known?.identity === identity) return ok(known.digest)
    const startedMs = now()
    const hash = createHash('sha256')
    await pipeline(createReadStream('', { fd: file.fd, autoClose: false, highWaterMark: 1 << 20 }), hash)
    const digest = hash.digest('hex')
    const lastChangeMs = Math.max(Number(before.mtimeMs), Number(before.ctimeMs))
    if (startedMs - lastChangeMs > racyMs) await writeNote(note, { identity, digest })
    return ok(digest)
  } finally {
    await file.close()
  }
}

async function readNote(path: string): Promise<Remembered | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    return isRemembered(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isRemembered = (value: unknown): value is Remembered =>
  typeof value === 'object' &&
  value !== null &&
  'identity' in value &&
  'digest' in value &&
  typeof value.identity === 'string' &&
  typeof value.digest === 'string' &&
  /^[0-9a-f]{64}$/.test(value.digest)

async function writeNote(path: string, remembered: Remembered): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true })
  const temporary = `${path}.${randomUUID()}`
  await writeFile(temporary, JSON.stringify(remembered))
  await rename(temporary, path)
}
