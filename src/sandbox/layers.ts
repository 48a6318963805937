/** Unpacks root archives (.tar, .tar.zst) once, by digest, into folders that serve as read-only layers. */
import { mkdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Failure, failed } from '../platform/failure.ts'
import { runChecked } from '../platform/processes/process.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { archiveDigest } from './archive-digest.ts'
import { markLayer, pruneLayers } from './prune-layers.ts'
import { createScratch } from './scratch.ts'

/** A layer that no run has used for so long goes when the next new one comes: 14 days. */
const unusedForMs = 14 * 24 * 3_600_000

/**
 * The folder with the archive's content, <cacheDir>/layers/<sha256>, unpacked if it is not there yet with owners, modes
 * and extended attributes (for an ordinary user: modes). It appears by one rename, complete and written to disk, so one that exists can be used; two
 * processes that unpack the same archive at once both succeed. Nobody may write to it.
 */
export async function materialize(archive: string, cacheDir: string, signal?: AbortSignal): Promise<Result<string>> {
  const digest = await archiveDigest(archive, cacheDir)
  if (!digest.ok) return digest
  const layer = join(cacheDir, 'layers', digest.value)
  await markLayer(cacheDir, digest.value)
  if (await isFolder(layer)) return ok(layer)
  const scratch = await createScratch(cacheDir)
  try {
    const unpacked = join(scratch.dir, 'layer')
    const failure = await unpack(archive, unpacked, signal)
    if (failure) return fail(failure)
    await pruneLayers(cacheDir, unusedForMs)
    await rename(unpacked, layer).catch(async error => {
      if (!(await isFolder(layer))) throw error // Else another process was faster; both folders are the same.
    })
    return ok(layer)
  } finally {
    await scratch.remove()
  }
}

async function unpack(archive: string, folder: string, signal: AbortSignal | undefined): Promise<Failure | undefined> {
  await mkdir(folder, { recursive: true })
  const options = signal ? { signal } : {}
  // An ordinary user owns all of its layers. Attributes named trusted.* would speak to the kernel's overlay.
  const attributes = ['--xattrs', '--xattrs-include=*', '--xattrs-exclude=trusted.*']
  const kept =
    process.getuid?.() === 0
      ? ['--same-permissions', '--same-owner', '--numeric-owner', ...attributes]
      : ['--same-permissions', '--no-same-owner', '--exclude=./dev/*', '--exclude=dev/*']
  const unpacked = await runChecked(['tar', '-xf', archive, '-C', folder, ...kept], options)
  if (!unpacked.ok) {
    if (unpacked.failure.kind === 'interrupted') return unpacked.failure
    return failed(`Cannot unpack "${archive}" as a root`, { last: unpacked.failure.last ?? unpacked.failure.message })
  }
  const flushed = await runChecked(['sync', '--file-system', folder], options)
  return flushed.ok ? undefined : flushed.failure
}

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() ?? false
