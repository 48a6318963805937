/** The files and links below a folder; links to folders are not followed. */
import { lstatSync } from 'node:fs'
import { fdir } from 'fdir'
import { isDoubtful, namesIn, systemPath } from '../../platform/file-names.ts'

export interface Walk {
  /** How many folders deep a file may lie: 0 is the folder itself. */
  readonly depth: number
  /** Of a path relative to the folder: neither it nor what is below it is wanted. */
  skips(path: string): boolean
}

/** Paths relative to the folder, in no particular order. */
export function walk(folder: string, { depth, skips }: Walk): readonly string[] {
  let hasDoubtfulFolders = false
  const walker = new fdir().withRelativePaths().exclude((_, path) => {
    const inside = path.slice(folder.length + 1).replace(/\/$/, '')
    hasDoubtfulFolders ||= isDoubtful(inside)
    return skips(inside)
  })
  const limited = Number.isFinite(depth) ? walker.withMaxDepth(depth) : walker
  const found = limited.crawl(folder).sync()
  // The library knows names that are UTF-8 only; it passes over folders with others.
  if (hasDoubtfulFolders || found.some(isDoubtful)) return [...walkExactly(folder, '', { depth, skips })]
  return found.filter(path => !skips(path))
}

function* walkExactly(folder: string, prefix: string, { depth, skips }: Walk): Generator<string> {
  for (const name of namesIn(`${folder}/${prefix}`)) {
    const path = prefix + name
    const stat = skips(path) ? undefined : lstatSync(systemPath(`${folder}/${path}`), { throwIfNoEntry: false })
    if (stat?.isFile() || stat?.isSymbolicLink()) yield path
    else if (stat?.isDirectory() && depth > 0) yield* walkExactly(folder, `${path}/`, { depth: depth - 1, skips })
  }
}
