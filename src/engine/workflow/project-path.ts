/** Paths of a workflow: relative to the project's folder, with `/`, and what may not be an input or output. */
import { posix, relative, sep } from 'node:path'
import picomatch from 'picomatch'
import { globProblem } from './glob-problem.ts'

/** Linux's PATH_MAX, with the NUL at the end. */
const maxPathBytes = 4_096

/** Linux's NAME_MAX: of one file or folder in a path. */
const maxNameBytes = 255

export const isGlob = (pattern: string): boolean => /[*?{}[\]]|[@+!]\(/.test(pattern)

/** Why a path may not be owned by a task, or its normal form. */
export function outputPath(
  text: string,
  reserved: readonly string[],
): { readonly path: string } | { readonly problem: string } {
  const inside = insidePath(text)
  if ('problem' in inside) return { problem: `Output "${shortened(text)}" ${inside.problem}` }
  if (inside.path === '.') return { problem: `Output "${text}" is the project itself` }
  const taken = reserved.find(folder => overlaps(inside.path, folder))
  if (inside.path.split('/').includes('.git'))
    return { problem: `Output "${text}" touches ".git", which is not for outputs` }
  if (taken !== undefined) return { problem: `Output "${text}" touches "${taken}", which is not for outputs` }
  return inside
}

/** Of a folder or a file that is named, not matched. */
export function projectPath(text: string): { readonly path: string } | { readonly problem: string } {
  const inside = insidePath(text)
  return 'problem' in inside ? { problem: `"${shortened(text)}" ${inside.problem}` } : inside
}

/** As `outputPath`, of a glob or of what is excluded from globs. */
export function outputPattern(text: string, reserved: readonly string[]): ReturnType<typeof outputPath> {
  const pattern = inputPattern(text)
  if ('problem' in pattern) return { problem: pattern.problem.replace('Input', 'Output') }
  const base = picomatch.scan(pattern.path).base
  const taken = base.split('/').includes('.git') ? '.git' : reserved.find(folder => isInside(base, folder))
  if (text.startsWith('!') || taken === undefined) return pattern
  return { problem: `Output "${text}" touches "${taken}", which is not for outputs` }
}

export function inputPattern(text: string): { readonly path: string } | { readonly problem: string } {
  const negated = text.startsWith('!')
  const inside = insidePath(negated ? text.slice(1) : text)
  const problem = 'problem' in inside ? inside.problem : globProblem(inside.path)
  if (problem !== undefined || 'problem' in inside) return { problem: `Input "${shortened(text)}" ${problem}` }
  return { path: negated ? `!${inside.path}` : inside.path }
}

/** True when one is the other or lies inside of it. */
const overlaps = (a: string, b: string): boolean => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)

export const isInside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

/** The path itself, then each folder above it, the nearest first. */
export function* upwards(path: string): Generator<string> {
  for (let at = path; at !== '.' && at !== '' && at !== '/'; at = posix.dirname(at)) yield at
}

function insidePath(text: string): { readonly path: string } | { readonly problem: string } {
  if (text.trim() === '') return { problem: 'is empty' }
  if (/[\0\n]/.test(text)) return { problem: 'contains a line break or a NUL' }
  if (Buffer.byteLength(text) >= maxPathBytes) return { problem: 'is longer than a path can be' }
  if (text.startsWith('/')) return { problem: 'is absolute: paths start at the project’s root' }
  const path = posix.normalize(text).replace(/\/+$/, '') || '.'
  if (path === '..' || path.startsWith('../')) return { problem: 'lies outside the project' }
  if (!isGlob(path) && path.split('/').some(name => Buffer.byteLength(name) > maxNameBytes))
    return { problem: `has a name of more than ${maxNameBytes} bytes, which no file can have` }
  return { path }
}

const shortened = (text: string): string => (text.length > 200 ? `${text.slice(0, 199)}…` : text)

/** Relative to the project: what no output may touch and no glob matches. */
export function reservedFolders({ projectDir, cacheDir }: Folders): string[] {
  const cache = displayPath(projectDir, cacheDir)
  return ['.git', 'cache', ...(cache.startsWith('/') ? [] : [cache])]
}

interface Folders {
  readonly projectDir: string
  readonly cacheDir: string
}

/** A path as users see it: relative to the project when it lies inside. */
export function displayPath(projectDir: string, path: string): string {
  const inside = relative(projectDir, path)
  return inside === '..' || inside.startsWith(`..${sep}`) ? path : inside
}
