/** Roots on which programs are built, kept in the cache folder: several products and versions share one. */
import { createHash } from 'node:crypto'
import { existsSync, rmSync, statSync } from 'node:fs'
import { mkdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { now } from '../../src/platform/clock.ts'
import { entriesOf } from '../../src/platform/folder-entries.ts'
import { acquireLock } from '../../src/platform/lock.ts'
import { ok, type Result } from '../../src/platform/result.ts'
import { bootstrapRoot, type Root } from '../roots/bootstrap-root.ts'

type Context = Pick<TaskContext<unknown>, 'cacheDir' | 'logDir' | 'signal' | 'progress'>

/** A root that nothing has used for so long goes when a new one is made: 14 days, as its unpacked layer. */
const unusedForMs = 14 * 24 * 3_600_000

export const rootsDir = (cacheDir: string): string => join(cacheDir, 'build-roots')

/** Where it is kept, if it is. */
export function rootFile(root: Root, cacheDir: string): string {
  const name = createHash('sha256')
    .update(JSON.stringify([root.suite, ...root.packages]))
    .digest('hex')
    .slice(0, 32)
  return join(rootsDir(cacheDir), `${name}.tar.zst`)
}

/** The archive. Its owner is the cache: copy it, do not move it. */
export async function keptRoot(root: Root, context: Context): Promise<Result<string>> {
  const archive = rootFile(root, context.cacheDir)
  await mkdir(rootsDir(context.cacheDir), { recursive: true })
  const lock = await acquireLock(`${archive}.lock`, {
    mode: 'exclusive',
    signal: context.signal,
    onWait: () => context.progress('waiting for the build root, which another task is making'),
  })
  try {
    if (!existsSync(archive)) {
      removeUnused(context.cacheDir)
      const progress = (text: string) => context.progress(`build root · ${text}`)
      const made = await bootstrapRoot(root, archive, { ...context, progress })
      if (!made.ok) return made
    }
    const used = new Date(now())
    await utimes(archive, used, used)
    return ok(archive)
  } finally {
    lock.release()
  }
}

function removeUnused(cacheDir: string): void {
  const archives = entriesOf(rootsDir(cacheDir)).filter(name => name.endsWith('.tar.zst'))
  for (const archive of archives.map(name => join(rootsDir(cacheDir), name)))
    if (now() - (statSync(archive, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= unusedForMs)
      rmSync(archive, { force: true })
}
