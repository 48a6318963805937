/** Removes what builds of Kubernetes that never ended left in go-build/; a build that succeeds removes its own. */
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { now } from '../../src/platform/clock.ts'

/** What nothing was written to for longer than the age; a running build writes all the time. */
export function pruneGoCaches(cacheDir: string, maxAgeMs: number): void {
  const all = join(cacheDir, 'go-build')
  for (const name of entriesOf(all)) {
    const folder = join(all, name)
    const parts = ['.', ...entriesOf(folder)].map(part => join(folder, part))
    const lastWriteMs = Math.max(0, ...parts.map(part => statSync(part, { throwIfNoEntry: false })?.mtimeMs ?? 0))
    if (now() - lastWriteMs >= maxAgeMs) rmSync(folder, { recursive: true, force: true })
  }
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
