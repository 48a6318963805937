/** Which paths a pattern of a workflow means. */
import picomatch from 'picomatch'
import { isInside } from './project-path.ts'

/**
 * Of a glob: the paths that it matches. Else: the path itself and what is in it, so an excluded folder excludes all of
 * that. A name may hold line breaks, which only the flag s lets a dot match.
 */
export const pathMatcher = (pattern: string, isGlob: boolean): ((path: string) => boolean) =>
  isGlob ? picomatch(pattern, { dot: true, flags: 's' }) : path => isInside(path, pattern)

/** The folder below which everything lies that a glob can match; `.` for the project. */
export const globBase = (glob: string): string => picomatch.scan(glob).base || '.'

/** How many folders below its base a glob can match: 0 is the base itself. */
export function globDepth(pattern: string): number {
  const { glob } = picomatch.scan(pattern)
  return glob.includes('**') ? Number.POSITIVE_INFINITY : glob.split('/').length - 1
}

/** Of any repository in the project: submodules and clones have their own. */
export const isOfGit = (path: string): boolean => path === '.git' || path.endsWith('/.git') || path.includes('/.git/')
