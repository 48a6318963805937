/** Official programs that are published one by one, each with its SHA-256 beside it, as Kubernetes' are. */
import { bytesOf } from '../sources/places.ts'
import { type Downloaded, download } from './download.ts'
import { fetchText } from './fetch-text.ts'
import type { ProgramPlace } from './product.ts'
import { type Context, takePrograms } from './take-programs.ts'

export interface OfficialFiles {
  /** The folder of the version, without a slash at its end: <base>/<program> and <base>/<program>.sha256. */
  readonly base: string
  readonly programs: readonly string[]
}

export const officialFiles = ({ base, programs }: OfficialFiles): ProgramPlace => ({
  name: `official programs (${base})`,
  origin: 'official',
  async get(folder, context) {
    const files = new Map<string, string>()
    for (const [index, program] of programs.entries()) {
      const step = `${program} (${index + 1} of ${programs.length})`
      const got = await fetchProgram(`${base}/${program}`, context, text => context.progress(`${step} · ${text}`))
      if ('problem' in got) return `${program}${got.problem}`
      files.set(program, got.file)
    }
    return takePrograms(files, folder)
  },
})

async function fetchProgram(url: string, context: Context, progress: (text: string) => void): Promise<Downloaded> {
  const text = await fetchText(`${url}.sha256`, context)
  if ('problem' in text) return { problem: `.sha256: ${text.problem}` }
  const [sha256 = ''] = text.text.trim().split(/\s/)
  if (!/^[0-9a-f]{64}$/.test(sha256)) return { problem: '.sha256: it is not a SHA-256' }
  const got = await download(context.cacheDir, {
    ...{ url, sha256, signal: context.signal },
    onProgress: (received, total) => progress(bytesOf(received, total)),
  })
  return 'problem' in got ? { problem: `: ${got.problem}` } : got
}
