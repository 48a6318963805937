/** Official programs that are published as one archive (.tar.gz), with a list of SHA-256 beside it, as etcd's are. */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { messageOf } from '../../src/platform/failure.ts'
import { createScratch } from '../../src/sandbox/scratch.ts'
import { bytesOf } from '../sources/places.ts'
import { download } from './download.ts'
import { fetchText } from './fetch-text.ts'
import type { ProgramPlace } from './product.ts'
import { type Context, takePrograms } from './take-programs.ts'

export interface OfficialArchive {
  /** The folder of the version, without a slash at its end. */
  readonly base: string
  /** The archive's name. */
  readonly archive: string
  /** The file with lines "<SHA-256>  <name>". */
  readonly digests: string
  readonly programs: readonly string[]
}

export const officialArchive = ({ base, archive, digests, programs }: OfficialArchive): ProgramPlace => ({
  name: `official programs (${base})`,
  origin: 'official',
  async get(folder, context) {
    const text = await fetchText(`${base}/${digests}`, context)
    if ('problem' in text) return `${digests}: ${text.problem}`
    const sha256 = digestIn(text.text, archive)
    if (sha256 === undefined) return `${digests}: it has no SHA-256 of ${archive}`
    const got = await download(context.cacheDir, {
      ...{ url: `${base}/${archive}`, sha256, signal: context.signal },
      onProgress: (received, total) => context.progress(`${archive} · ${bytesOf(received, total)}`),
    })
    if ('problem' in got) return `${archive}: ${got.problem}`
    const problem = await unpack(got.file, folder, { programs, context })
    await rm(got.file, { force: true })
    return problem === undefined ? undefined : `${archive}: ${problem}`
  },
})

const digestIn = (text: string, archive: string): string | undefined =>
  text
    .split('\n')
    .map(line => /^([0-9a-f]{64})\s+\*?(\S+)$/.exec(line.trim()))
    .find(match => match?.[2] === archive)?.[1]

interface Wanted {
  readonly programs: readonly string[]
  readonly context: Context
}

/** Only the programs are taken, whatever else the archive holds and wherever it says that should go. */
async function unpack(archive: string, folder: string, { programs, context }: Wanted): Promise<string | undefined> {
  const scratch = await createScratch(context.cacheDir)
  try {
    const files = new Map<string, string>()
    const entries = extract()
    const read = pipeline(createReadStream(archive), createGunzip(), entries, { signal: context.signal })
    read.catch(() => {}) // The loop below meets the same error.
    try {
      for await (const entry of entries) {
        const name = basename(entry.header.name)
        const isWanted = entry.header.type === 'file' && programs.includes(name) && !files.has(name)
        if (!isWanted) {
          entry.resume()
          continue
        }
        const file = join(scratch.dir, name)
        await mkdir(scratch.dir, { recursive: true })
        await pipeline(entry, createWriteStream(file))
        files.set(name, file)
      }
    } catch (error) {
      if (context.signal.aborted) throw error
      return `it cannot be unpacked: ${messageOf(error)}`
    }
    const missing = programs.filter(program => !files.has(program))
    return missing.length > 0 ? `it has no ${missing.join(', ')}` : await takePrograms(files, folder)
  } finally {
    await scratch.remove()
  }
}
