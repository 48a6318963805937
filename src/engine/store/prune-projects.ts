/** Forgets projects in which nothing was run for a while: the next run there looks at every file again. */
import { existsSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { now } from '../../platform/clock.ts'

/** A project whose last run was killed stays: its next run ends what that one left. To be called as `pruneStore`. */
export function pruneProjects(cacheDir: string, projects: readonly string[], maxAgeMs: number): void {
  for (const project of projects) {
    const folder = join(cacheDir, 'projects', project)
    const lastRunMs = Math.max(0, ...['state', 'files', '.'].map(name => changedMs(join(folder, name))))
    if (now() - lastRunMs > maxAgeMs && !existsSync(join(folder, 'running')))
      rmSync(folder, { recursive: true, force: true })
  }
}

const changedMs = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
