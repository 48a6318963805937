/** Kubernetes' official programs of a release, each verified against the SHA-256 that is published beside it. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, readFile, rename, rm } from 'node:fs/promises'
import { arch } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { failed } from '../../src/platform/failure.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'
import { fetchUrl } from '../sources/fetch-url.ts'
import { bytesOf } from '../sources/places.ts'
import { programs } from './build-script.ts'
import { makeProgramFolder } from './program-files.ts'

export interface Release {
  readonly version: string
  /** Without a slash at its end: <url>/v<version>/bin/linux/<arch>/<program>. */
  readonly url: string
}

type Context = Pick<TaskContext<unknown>, 'outputs' | 'signal' | 'progress'>

export async function fetchRelease(context: Context, { version, url }: Release): Promise<Result<string>> {
  const [output = ''] = context.outputs
  const partial = `${output}.part`
  const base = `${url}/v${version}/bin/linux/${arch() === 'x64' ? 'amd64' : arch()}`
  try {
    await rm(partial, { recursive: true, force: true })
    const folder = await makeProgramFolder(partial)
    for (const [index, program] of programs.entries()) {
      const step = `${program} (${index + 1} of ${programs.length})`
      const problem = await fetchProgram(`${base}/${program}`, join(folder, program), {
        signal: context.signal,
        progress: text => context.progress(`${step} · ${text}`),
      })
      if (problem !== undefined)
        return fail(failed(`Cannot fetch Kubernetes ${version}: ${base}/${program}`, { last: problem }))
    }
    await rename(partial, output)
    return ok(`${programs.length} programs, official v${version}`)
  } catch (error) {
    if (!context.signal.aborted) throw error
    return fail({ kind: 'interrupted', message: `Interrupted: fetching Kubernetes ${version}` })
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

interface Request {
  readonly signal: AbortSignal
  progress(text: string): void
}

async function fetchProgram(url: string, file: string, { signal, progress }: Request): Promise<string | undefined> {
  const digestFile = `${file}.sha256`
  const noDigest = await fetchUrl(`${url}.sha256`, digestFile, { signal })
  if (noDigest !== undefined) return `${url}.sha256: ${noDigest}`
  const [expected] = (await readFile(digestFile, 'utf8')).trim().split(/\s/)
  await rm(digestFile)
  if (!/^[0-9a-f]{64}$/.test(expected ?? '')) return `${url}.sha256: it is not a SHA-256`
  const onProgress = (received: number, total: number | undefined) => progress(bytesOf(received, total))
  const problem = await fetchUrl(url, file, { signal, onProgress })
  if (problem !== undefined) return problem
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  const actual = hash.digest('hex')
  if (actual !== expected) return `refused, its SHA-256 is ${actual}, not ${expected}`
  await chmod(file, 0o755)
  return undefined
}
