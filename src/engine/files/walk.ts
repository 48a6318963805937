/** The files and links below a folder, and what lies behind links to folders, by the path through the link. */
import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { posix } from 'node:path'
import { isDoubtful, namesIn, systemPath } from '../../platform/file-names.ts'
import { codeOf, ifThere } from '../../platform/files.ts'

/** A link that leads to a folder which holds it: what is behind it would have no end. */
export interface LinkCircle {
  readonly link: string
  /** Absolute. */
  readonly target: string
}

export interface Walk {
  /** How many folders deep a file may lie: 0 is the folder itself. */
  readonly depth: number
  /** Of a path relative to the folder: neither it nor what is below it is wanted. */
  skips(path: string): boolean
  /** Only what lies in the folder itself, and all of it: links are not followed, sockets and the like count. */
  readonly inside?: true
}

export interface Walked {
  readonly paths: readonly string[]
  /** They are among the paths; what is behind them is not. */
  readonly circles: readonly LinkCircle[]
}

/** Paths relative to the folder, in no particular order. Throws what the system says of a folder that may not be read. */
export function walk(folder: string, { depth, skips, inside }: Walk): Walked {
  const found: string[] = []
  const circles: LinkCircle[] = []
  const visit = (prefix: string, left: number): void => {
    for (const entry of entriesOf(prefix === '' ? folder : `${folder}/${prefix}`)) {
      const path = prefix + entry.name
      if (skips(path)) continue
      if (entry.isFile()) found.push(path)
      else if (entry.isSymbolicLink()) {
        // The link itself counts, too: for where it leads to.
        found.push(path)
        if (left > 0 && !inside && leadsToFolder(folder, path)) {
          const circle = circleAt(folder, path)
          if (circle) circles.push(circle)
          else visit(`${path}/`, left - 1)
        }
      } else if (entry.isDirectory()) {
        if (left > 0) visit(`${path}/`, left - 1)
      } else if (inside) found.push(path)
    }
  }
  visit('', depth)
  return { paths: found, circles }
}

const leadsToFolder = (folder: string, path: string): boolean =>
  ifThere(() => statOrNothing(`${folder}/${path}`))?.isDirectory() ?? false

/** Nothing for a link that leads nowhere, or to itself. */
function statOrNothing(path: string): Stats | undefined {
  try {
    return statSync(systemPath(path), { throwIfNoEntry: false })
  } catch (error) {
    if (codeOf(error) === 'ELOOP' || codeOf(error) === 'ENAMETOOLONG') return undefined
    throw error
  }
}

/** By whichever way it lies in the folder that it leads to. */
function circleAt(folder: string, path: string): LinkCircle | undefined {
  const target = realpathSync.native(systemPath(`${folder}/${path}`), 'buffer').toString('latin1')
  for (let at = path; ; at = posix.dirname(at)) {
    const above = posix.dirname(at)
    const real = realpathSync
      .native(systemPath(above === '.' ? folder : `${folder}/${above}`), 'buffer')
      .toString('latin1')
    if (real === target || real.startsWith(`${target}/`)) return { link: path, target }
    if (above === '.') return undefined
  }
}

interface Entry {
  readonly name: string
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

/** None when there is no such folder, or no longer. */
function entriesOf(folder: string): readonly Entry[] {
  const path = systemPath(folder)
  const entries = ifThere(() => readdirSync(path, { withFileTypes: true })) ?? []
  if (!entries.some(({ name }) => isDoubtful(name))) return entries
  // Names that are not UTF-8 would be read as others.
  return namesIn(folder).flatMap(name => {
    const stat = lstatSync(systemPath(`${folder}/${name}`), { throwIfNoEntry: false })
    if (!stat) return []
    const is = { isFile: () => stat.isFile(), isDirectory: () => stat.isDirectory() }
    return [{ name, ...is, isSymbolicLink: () => stat.isSymbolicLink() }]
  })
}
