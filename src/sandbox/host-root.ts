/** The host's own system folders as the root of a sandbox: programs and their configuration, no data of users. */
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mount } from './mount.ts'

/** Top-level folders that hold the system itself. */
const systemFolders = /^(usr|etc|opt|bin|sbin|lib\w*)$/

export async function hostMounts(): Promise<readonly Mount[]> {
  const mounts: Mount[] = []
  for (const name of await systemEntries())
    if ((await lstat(join('/', name))).isDirectory())
      mounts.push({ from: join('/', name), to: join('/', name), writable: false })
  return mounts
}

/** `bin -> usr/bin` and the like. */
export async function hostRootLinks(): Promise<readonly (readonly [name: string, target: string])[]> {
  const links: [string, string][] = []
  for (const name of await systemEntries())
    if ((await lstat(join('/', name))).isSymbolicLink()) links.push([name, await readlink(join('/', name))])
  return links
}

const systemEntries = async () => (await readdir('/')).filter(name => systemFolders.test(name)).sort()
