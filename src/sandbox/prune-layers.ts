/** Removes unpacked roots that nobody has used for a while; they can be unpacked again. */
import { mkdir, readdir, readFile, readlink, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { now } from '../platform/clock.ts'
import { entriesOf } from '../platform/folder-entries.ts'
import { processIds } from '../platform/processes/process-identity.ts'
import { createScratch, scratchRoot } from './scratch.ts'

const marks = (cacheDir: string) => join(cacheDir, 'layers', 'used')

/** Remembers that a layer is used now. */
export async function markLayer(cacheDir: string, digest: string): Promise<void> {
  await mkdir(marks(cacheDir), { recursive: true })
  await writeFile(join(marks(cacheDir), digest), '')
}

/** Digests of the layers that it removed: last used before that time, and neither mounted nor about to be. */
export async function pruneLayers(cacheDir: string, unusedForMs: number): Promise<readonly string[]> {
  const layers = entriesOf(join(cacheDir, 'layers'))
  const inUse = await pathsInUse(cacheDir)
  // Clusters mount their layers by short relative names, which do not show their owner. (Sandboxes: stack/, see their links.)
  if (inUse.includes('lowerdir=layers/')) return []
  const removed: string[] = []
  for (const digest of layers.filter(name => /^[0-9a-f]{64}$/.test(name))) {
    const lastUseMs = (await stat(join(marks(cacheDir), digest)).catch(() => undefined))?.mtimeMs ?? 0
    if (now() - lastUseMs < unusedForMs || inUse.includes(digest)) continue
    const scratch = await createScratch(cacheDir)
    // Renamed first: a layer that is half removed must not be found by its name.
    const gone = await rename(join(cacheDir, 'layers', digest), join(scratch.dir, 'layer')).catch(
      () => 'another did it',
    )
    await scratch.remove()
    if (gone === undefined) removed.push(digest)
  }
  return removed
}

/** The mounts of every process, and the links of sandboxes. */
async function pathsInUse(cacheDir: string): Promise<string> {
  const mounts = processIds().map(pid => readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => ''))
  const scratch = await readdir(scratchRoot(cacheDir), { recursive: true, withFileTypes: true }).catch(() => [])
  const links = scratch
    .filter(entry => entry.isSymbolicLink() && entry.parentPath.endsWith('/stack'))
    .map(entry => readlink(join(entry.parentPath, entry.name)).catch(() => ''))
  return (await Promise.all([...mounts, ...links])).join('\n')
}
