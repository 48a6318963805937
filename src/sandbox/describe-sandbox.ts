/** Writes the files of a sandbox's folder that enter.pl reads. */
import { existsSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostMounts, hostRootLinks } from './host-root.ts'
import type { Mount } from './mount.ts'
import { seccompFilter } from './seccomp-filter.ts'

/** What of a command says how its sandbox is made; run-sandboxed.ts explains it. */
interface Described {
  readonly layers: readonly string[] | 'host'
  readonly network: boolean
}

export async function describeSandbox(command: Described, dir: string, mounts: readonly Mount[]): Promise<void> {
  for (const folder of ['root', 'upper', 'work']) await mkdir(join(dir, folder))
  const all = [...mounts]
  if (command.layers === 'host') {
    all.unshift(...(await hostMounts()))
    for (const [name, target] of await hostRootLinks()) await symlink(target, join(dir, 'root', name))
  } else {
    // Links, so that paths of any length and with any character fit into the one line of mount options.
    await mkdir(join(dir, 'stack'))
    for (const [index, layer] of command.layers.entries()) await symlink(layer, join(dir, 'stack', `${index}`))
    await writeFile(join(dir, 'lowerdir'), command.layers.map((_, index) => `stack/${index}`).join(':'))
  }
  if (command.network) {
    await writeFile(join(dir, 'network'), '')
    for (const file of ['/etc/resolv.conf', '/etc/hosts'])
      if (command.layers !== 'host' && existsSync(file)) all.unshift({ from: file, to: file, writable: false })
  }
  const fields = all.flatMap(mount => [modeOf(mount), mount.from, mount.to])
  await writeFile(join(dir, 'mounts'), fields.map(field => `${field}\0`).join(''))
  await writeFile(join(dir, 'filter'), seccompFilter(process.arch))
}

const modeOf = (mount: Mount): string => (mount.recordsReads ? 'recording' : mount.writable ? 'rw' : 'ro')
