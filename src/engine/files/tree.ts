/** What lies at a path of the project: every file, folder and link below it, with what must be kept of each. */
import type { BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { type Digest, digestOf } from '../../platform/digest.ts'
import { linkTarget, namesIn } from '../../platform/file-names.ts'
import { globsAmong } from '../workflow/output-globs.ts'
import type { FileIndex } from './file-index.ts'
import { lstat } from './lstat.ts'
import { outputPaths } from './output-files.ts'

export type TreeEntry =
  | { readonly type: 'file'; readonly path: string; readonly stat: BigIntStats }
  | { readonly type: 'folder'; readonly path: string; readonly stat: BigIntStats }
  | { readonly type: 'link'; readonly path: string; readonly target: string }
  | { readonly type: 'special'; readonly path: string }

/** The entry at the path and all below it, folders before what they hold, names sorted; none when nothing is there. */
export function* scanTree(projectDir: string, path: string): Generator<TreeEntry> {
  const stat = lstat(projectDir, path)
  if (!stat) return
  if (stat.isFile()) yield { type: 'file', path, stat }
  else if (stat.isSymbolicLink()) yield { type: 'link', path, target: linkTarget(join(projectDir, path)) }
  else if (stat.isDirectory()) {
    yield { type: 'folder', path, stat }
    for (const name of namesIn(join(projectDir, path)).sort()) yield* scanTree(projectDir, `${path}/${name}`)
  } else yield { type: 'special', path }
}

export const permissions = (stat: BigIntStats): number => Number(stat.mode & 0o7777n)

/**
 * What is kept of an output's permissions. Owners are not kept, so a set-user-id bit would make a program of whoever
 * restores it out of one of whoever made it.
 */
export const keptPermissions = (stat: BigIntStats): number => permissions(stat) & maxKeptPermissions
export const maxKeptPermissions = 0o777

/** One line for each entry: type, permissions, size, digest (or a link's target) and path. Times are not content. */
async function describeTree(entries: Iterable<TreeEntry>, index: FileIndex): Promise<string> {
  let text = ''
  for (const entry of entries) {
    if (entry.type === 'file') {
      const digest = index.known(entry.path, entry.stat) ?? (await index.digest(entry.path, entry.stat))
      text += describeFile(entry.path, keptPermissions(entry.stat), Number(entry.stat.size), digest)
    } else if (entry.type === 'folder') text += describeFolder(entry.path, keptPermissions(entry.stat))
    else if (entry.type === 'link') text += describeLink(entry.path, entry.target)
    else text += `special ${JSON.stringify(entry.path)}\n`
  }
  return text
}

export const describeFile = (path: string, mode: number, size: number, digest: Digest): string =>
  `file ${mode.toString(8)} ${size} ${digest} ${JSON.stringify(path)}\n`
export const describeFolder = (path: string, mode: number): string =>
  `folder ${mode.toString(8)} ${JSON.stringify(path)}\n`
export const describeLink = (path: string, target: string): string =>
  `link ${JSON.stringify(target)} ${JSON.stringify(path)}\n`

/** The digest of what a task made; undefined when an output is missing, or a glob among them matches nothing. */
export async function digestOfOutputs(
  projectDir: string,
  outputs: readonly string[],
  index: FileIndex,
): Promise<Digest | undefined> {
  let text = ''
  const paths = outputPaths(projectDir, outputs)
  if (globsAmong(outputs)?.unmatched(paths) !== undefined) return undefined
  for (const output of paths) {
    const described = await describeTree(scanTree(projectDir, output), index)
    if (described === '') return undefined
    text += described
  }
  return digestOf(text)
}
