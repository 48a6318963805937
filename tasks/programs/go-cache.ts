/** Go's build cache of a build, kept for the next one of the same task. */
import { createHash } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { identify } from '../../src/platform/processes/process-identity.ts'

export const goBuildDir = (cacheDir: string): string => join(cacheDir, 'go-build')

/** Where build scripts see it. */
export const goCache = '/gocache'

/**
 * For `export`. Go also keeps what each source file imports there, and finds it by names, sizes and times (cmd/go's
 * modindex): the sources of two versions, unpacked with the same times, would get each other's imports.
 */
export const goCacheSettings = `GOCACHE=${goCache} GODEBUG=goindex=0`

export interface GoCache {
  /** Absolute. */
  readonly folder: string
  /** Everything will be compiled. */
  readonly isEmpty: boolean
}

/**
 * Lets a build that was interrupted go on where it stopped, and a later one of the same task compile only what changed.
 * Go names what is in it by content, and removes what it has not used for five days. Not shared with other tasks, whose
 * scripts could leave something else there, and not used after a restart of the machine, which may have cut its files.
 */
export async function ownGoCache({ cacheDir, projectDir, task }: TaskContext<unknown>): Promise<GoCache> {
  const build = createHash('sha256').update(`${projectDir}\n${task}`).digest('hex').slice(0, 16)
  const name = `${build}-${identify(process.pid)?.bootId}`
  const folder = join(goBuildDir(cacheDir), name)
  await mkdir(folder, { recursive: true })
  for (const other of await readdir(goBuildDir(cacheDir)))
    if (other.startsWith(`${build}-`) && other !== name)
      await rm(join(goBuildDir(cacheDir), other), { recursive: true })
  return { folder, isEmpty: (await readdir(folder)).length === 0 }
}
