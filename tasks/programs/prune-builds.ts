/** Removes what getting and building programs left in the cache folder; each part can be had again. */
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { now } from '../../src/platform/clock.ts'
import { entriesOf } from '../../src/platform/folder-entries.ts'
import { buildTimesDir } from './build-times.ts'
import { downloadsDir } from './download.ts'
import { goBuildDir } from './go-cache.ts'
import { modulesDir } from './go-modules.ts'
import { rootsDir } from './kept-root.ts'

/** What nothing was written to for longer than the age; a running build writes all the time. */
export function pruneBuilds(cacheDir: string, maxAgeMs: number): void {
  const folders = [buildTimesDir, downloadsDir, goBuildDir, modulesDir, rootsDir].map(dir => dir(cacheDir))
  for (const path of folders.flatMap(folder => entriesOf(folder).map(name => join(folder, name)))) {
    // Locks stay: a process may hold one.
    if (path.endsWith('.lock')) continue
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
    const parts = ['.', ...(isFolder ? entriesOf(path) : [])].map(part => join(path, part))
    const lastWriteMs = Math.max(0, ...parts.map(part => statSync(part, { throwIfNoEntry: false })?.mtimeMs ?? 0))
    if (now() - lastWriteMs >= maxAgeMs) rmSync(path, { recursive: true, force: true })
  }
}
