/**
 * A short way to the TMPDIRs of tasks. They lie in the cache folder, whose path mostly leaves no room for the name of a
 * Unix socket: 108 bytes in all, see unix(7).
 */
import { lstatSync, mkdirSync, readlinkSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '../../platform/digest.ts'
import { codeOf } from '../../platform/files.ts'

/** A link in a folder of its own: in /tmp itself, links of others are not followed (protected_symlinks in proc_sys_fs(5)). */
export interface ShortFolder {
  /** Holds the link and nothing else. */
  readonly dir: string
  readonly link: string
}

/** The same for each run with the same target, so that what a task prints of its TMPDIR stays the same. */
export function shortFolderOf(target: string): ShortFolder {
  const dir = `/tmp/k8s-ha-${digestOf(target).slice(0, 10)}`
  return { dir, link: join(dir, 't') }
}

/** False where there can be none: no /tmp, or somebody else has a folder of that name. */
export function makeShortFolder({ dir, link }: ShortFolder, target: string): boolean {
  try {
    if (!isThere(() => mkdirSync(dir, { mode: 0o755 })) && !isOurs(dir)) return false
    return isThere(() => symlinkSync(target, link)) || readlinkSync(link) === target
  } catch {
    return false
  }
}

export function removeShortFolder({ dir, link }: ShortFolder): void {
  try {
    if (!isOurs(dir)) return
    unlinkSync(link)
    rmdirSync(dir)
  } catch {}
}

/** Nobody else can change what is in it. */
function isOurs(dir: string): boolean {
  const stat = lstatSync(dir, { throwIfNoEntry: false })
  return stat?.isDirectory() === true && stat.uid === process.getuid?.() && (stat.mode & 0o022) === 0
}

/** False when there is something already. */
function isThere(make: () => void): boolean {
  try {
    make()
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}
