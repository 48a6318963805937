/** Temporary folders that say whose they are, so that a later run can remove what a killed one left behind. */
import { randomUUID } from 'node:crypto'
import { mkdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, removeTree as removeProtectedTree } from '../platform/files.ts'
import { entriesOf } from '../platform/folder-entries.ts'
import { identify, isAlive } from '../platform/processes/process-identity.ts'

export interface Scratch {
  /** Absolute; in the cache folder, so that what lies in it can be renamed into the cache. Into a project: see move.ts. */
  readonly dir: string
  remove(): Promise<void>
}

export const scratchRoot = (cacheDir: string): string => join(cacheDir, 'scratch')

/** An empty folder of this process: <cacheDir>/scratch/<pid>-<start ticks>-<boot>/<random>. */
export async function createScratch(cacheDir: string): Promise<Scratch> {
  const owner = join(scratchRoot(cacheDir), ownName())
  const dir = join(owner, randomUUID())
  await mkdir(dir, { recursive: true })
  return {
    dir,
    async remove() {
      await removeTree(dir)
      await rmdir(owner).catch(() => undefined) // Not empty while another scratch of this process is in use.
    },
  }
}

/** Removes what processes that are no more have left. */
export async function sweepScratch(cacheDir: string): Promise<void> {
  for (const owner of entriesOf(scratchRoot(cacheDir)))
    if (!isOwnerAlive(owner)) await removeTree(join(scratchRoot(cacheDir), owner))
}

function ownName(): string {
  const self = identify(process.pid)
  if (self === undefined) throw new Error('/proc does not know this process')
  return `${self.pid}-${self.startTicks}-${self.bootId}`
}

function isOwnerAlive(name: string): boolean {
  const [, pid, startTicks, bootId] = /^(\d+)-(\d+)-(.+)$/.exec(name) ?? []
  if (pid === undefined || startTicks === undefined || bootId === undefined) return false
  return isAlive({ pid: Number(pid), startTicks: Number(startTicks), bootId })
}

async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 })
  } catch (error) {
    // Folders that their owner, an ordinary user, may not enter; overlayfs itself makes one.
    if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM') throw error
    removeProtectedTree(path)
  }
}
