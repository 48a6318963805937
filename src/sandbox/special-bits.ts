/** Set-user-id, set-group-id and sticky bits on what a command made: none of them leaves a sandbox. */
import { chmod, lstat } from 'node:fs/promises'
import { namesIn, systemPath } from '../platform/file-names.ts'

const special = 0o7000
const usable = 0o700

/** Of a file, or of a folder and all in it; links are not followed. */
export async function dropSpecialBits(path: string): Promise<void> {
  const stats = await lstat(systemPath(path))
  if (stats.isSymbolicLink()) return
  const mode = stats.mode & 0o777
  // An ordinary user may not look into a folder that a command closed.
  const isClosed = stats.isDirectory() && (mode & usable) !== usable
  if (isClosed) await chmod(systemPath(path), mode | usable)
  if (stats.isDirectory()) for (const name of namesIn(path)) await dropSpecialBits(`${path}/${name}`)
  if (isClosed || (stats.mode & special) !== 0) await chmod(systemPath(path), mode)
}
