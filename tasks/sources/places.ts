/** The places where a source archive may be found, in the order in which they are tried. */
import { existsSync } from 'node:fs'
import { copyFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { runProcess } from '../../src/platform/processes/process.ts'
import { aptRepositories } from './apt-repositories.ts'
import { fetchUrl } from './fetch-url.ts'
import { hostEnv } from './host-env.ts'
import type { SourceArchive } from './source-archive.ts'

export interface Place {
  /** What the user is told. */
  readonly name: string
  /** Puts the file at `target`; else what was seen. Throws when aborted. */
  get(target: string, request: PlaceRequest): Promise<string | undefined>
}

export interface PlaceRequest {
  readonly signal: AbortSignal
  progress(text: string): void
}

/** `archiveDir`: the ancestor's ARCHIVE. */
export async function* placesOf(
  archive: SourceArchive,
  archiveDir: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Place> {
  if (archiveDir) yield folderPlace(archiveDir, archive.fileNames)
  yield folderPlace(join(homedir(), 'Downloads'), archive.fileNames)
  if (archive.url) yield urlPlace(archive.url)
  if (archive.poolPath) yield* await poolPlaces(archive.poolPath, signal)
}

const folderPlace = (folder: string, fileNames: readonly string[]): Place => ({
  name: folder,
  async get(target) {
    const found = fileNames.map(name => join(folder, name)).find(existsSync)
    if (found === undefined)
      return existsSync(folder) ? `it has no ${fileNames.join(' or ')}` : 'there is no such folder'
    await copyFile(found, target)
    return undefined
  },
})

const urlPlace = (url: string): Place => ({
  name: url,
  get: (target, { signal, progress }) =>
    fetchUrl(url, target, {
      signal,
      onProgress: (received, total) => progress(bytesOf(received, total)),
    }),
})

async function poolPlaces(poolPath: string, signal: AbortSignal): Promise<readonly Place[]> {
  const repositories = await aptRepositories(signal)
  if (!repositories.ok)
    return [{ name: "Debian's pool, as apt is set up", get: async () => repositories.failure.message }]
  const mirrors = new Set(repositories.value.filter(({ suite }) => !suite.endsWith('-security')).map(({ uri }) => uri))
  return [...mirrors].map(mirror => aptPlace(`${mirror}/${poolPath.split('/').map(encodeURIComponent).join('/')}`))
}

/** apt's own downloader knows this machine's proxies, credentials and kinds of addresses. */
const aptPlace = (uri: string): Place => ({
  name: uri,
  async get(target, { signal, progress }) {
    const limits = ['-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=15', '-o', 'Acquire::https::Timeout=15']
    const poll = pollSize(target, progress)
    const result = await runProcess(['/usr/lib/apt/apt-helper', ...limits, 'download-file', uri, target], {
      signal,
      env: hostEnv(),
    })
    clearInterval(poll)
    if (!result.ok) {
      if (signal.aborted) throw signal.reason
      return result.failure.message
    }
    if (result.value.exitCode === 0) return undefined
    const errors = /^[EW]: .*$/gm.exec(`${result.value.stderr}\n${result.value.stdout}`)
    return errors?.[0].replace(/^[EW]: (Failed to fetch \S+\s+)?/, '') ?? `exit code ${result.value.exitCode}`
  },
})

/** apt-helper is silent when it does not write to a terminal, but its file grows. */
const pollSize = (target: string, progress: (text: string) => void): NodeJS.Timeout =>
  setInterval(async () => {
    const size = (await stat(target).catch(() => undefined))?.size
    if (size !== undefined) progress(bytesOf(size, undefined))
  }, 500)

export function bytesOf(received: number, total: number | undefined): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1)
  return total === undefined ? `${megabytes(received)} MB` : `${megabytes(received)} of ${megabytes(total)} MB`
}
