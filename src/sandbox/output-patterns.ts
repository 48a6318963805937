/** Outputs that are not known by their names: files of a project that patterns match. */
import { posix } from 'node:path'

/** Of paths relative to the project. */
export interface OutputPatterns {
  /** Folders, below which everything lies that is matched. `.` is the project. */
  readonly bases: readonly string[]
  /** The file is an output. */
  own(path: string): boolean
  /** The same, also when another pattern excludes it: then it is thrown away. */
  name(path: string): boolean
}

/** Whether the folder is one in which they match, or on the way to it. */
export const leadsTo = ({ bases }: OutputPatterns, folder: string): boolean =>
  bases.some(base => {
    const between = posix.relative(base, folder)
    return !between.startsWith('..') || !posix.relative(folder, base).startsWith('..')
  })
