/** Reads the overlay folder: files that go onto every VM as they are, and templates (`*.template`). */
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OverlayFile } from './overlay-file.ts'

export interface OverlaySources {
  /** The folder as errors name it. */
  readonly name: string
  readonly files: readonly OverlayFile[]
  /** By path in the folder. */
  readonly templates: ReadonlyMap<string, string>
}

/** Only what lies in folders: files at the top, as the `tar` script, are about the overlay, not of it. */
export async function readOverlayFolder(folder: string, name: string): Promise<OverlaySources> {
  const files: OverlayFile[] = []
  const templates = new Map<string, string>()
  for (const path of await listFiles(folder)) {
    if (path.endsWith('.template')) templates.set(path, await readFile(join(folder, path), 'utf8'))
    else if (path.includes('/')) files.push(await readOverlayFile(folder, path))
  }
  return { name, files, templates }
}

export async function readOverlayFile(folder: string, path: string): Promise<OverlayFile> {
  const { mode } = await lstat(join(folder, path))
  // The umask at checkout must not decide more than whether a file is a program.
  return { path, mode: mode & 0o100 ? 0o755 : 0o644, content: await readFile(join(folder, path)) }
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length).replace(/^\//, ''))
    .sort()
}
