/** Go's build cache of a build, kept until it succeeds. */
import { createHash } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { identify } from '../../src/platform/processes/process-identity.ts'

export const goBuildDir = (cacheDir: string): string => join(cacheDir, 'go-build')

/** Where build scripts see it. */
export const goCache = '/gocache'

export interface GoCache {
  /** Absolute. */
  readonly folder: string
  /** No build was interrupted. */
  readonly isEmpty: boolean
}

/**
 * Lets a build that was interrupted go on where it stopped; removed when it succeeds. Go names what is in it by content,
 * so it cannot change a result. Not shared with other builds, which would remove it, and not used after a restart of the
 * machine, which may have cut its files.
 */
export async function ownGoCache({ cacheDir, projectDir, task }: TaskContext<unknown>): Promise<GoCache> {
  const build = createHash('sha256').update(`${projectDir}\n${task}`).digest('hex').slice(0, 16)
  const folder = join(goBuildDir(cacheDir), `${build}-${identify(process.pid)?.bootId}`)
  await mkdir(folder, { recursive: true })
  return { folder, isEmpty: (await readdir(folder)).length === 0 }
}
