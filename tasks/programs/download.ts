/** Downloads a file of which the SHA-256 is known; goes on where it broke off, in this run or an earlier one. */
import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fetchUrl } from '../sources/fetch-url.ts'

export interface Download {
  readonly url: string
  readonly sha256: string
  readonly signal: AbortSignal
  onProgress?(receivedBytes: number, totalBytes: number | undefined): void
}

export type Downloaded = { readonly file: string } | { readonly problem: string }

/** Of one download, as long as each brings something. */
const maxAttempts = 6

export const downloadsDir = (cacheDir: string): string => join(cacheDir, 'downloads')

/**
 * The file stays in the cache folder until the caller moves or removes it. Its name is its digest, so what an
 * interrupted run left is the beginning of the right file, or is found to be wrong at the end.
 */
export async function download(cacheDir: string, { url, sha256, ...options }: Download): Promise<Downloaded> {
  const file = join(downloadsDir(cacheDir), sha256)
  if (statSync(file, { throwIfNoEntry: false })) return { file }
  const partial = `${file}.part`
  await mkdir(downloadsDir(cacheDir), { recursive: true })
  let resumed = sizeOf(partial) > 0
  for (let attempt = 1; ; attempt++) {
    const before = sizeOf(partial)
    const problem = await fetchUrl(url, partial, { ...options, resume: true })
    if (problem !== undefined) {
      if (attempt < maxAttempts && sizeOf(partial) > before) continue
      return { problem }
    }
    const actual = await sha256Of(partial)
    if (actual === sha256) {
      await rename(partial, file)
      return { file }
    }
    await rm(partial)
    // Perhaps only what an earlier run had left was of another file.
    if (!resumed) return { problem: `refused, its SHA-256 is ${actual}, not ${sha256}` }
    resumed = false
  }
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
