/** Names a file so that the user can open it from the folder that he is in. */
import { isAbsolute, relative } from 'node:path'

/** Relative when that is inside of `cwd`, else as it is. Keeps `:line:column` and what else follows a path. */
export function displayPath(path: string, cwd: string): string {
  if (!isAbsolute(path)) return path
  const inside = relative(cwd, path)
  return inside === '' || inside.startsWith('..') ? path : inside
}
