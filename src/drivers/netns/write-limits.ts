/**
 * Slow disks: how many writes a second a control group may make to a block device, by blkio.throttle of control groups
 * version 1 or io.max of version 2. A write that is one too many waits, and every sync waits with it.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface LimitFile {
  readonly name: string
  /** What it takes: "7:1 5". */
  limit(device: string, perSecond: number): string
  none(device: string): string
}

const limitFiles: readonly LimitFile[] = [
  {
    name: 'blkio.throttle.write_iops_device',
    limit: (device, perSecond) => `${device} ${perSecond}`,
    none: device => `${device} 0`,
  },
  {
    name: 'io.max',
    limit: (device, perSecond) => `${device} wiops=${perSecond}`,
    none: device => `${device} wiops=max`,
  },
]

/** Whether groups below these roots can have a limit; the root of version 2 has none, but lists its controllers. */
export const canLimitWrites = (roots: readonly string[]): boolean =>
  roots.some(root => limitsIn(root).length > 0) ||
  (roots.length === 1 && roots.every(root => / io /.test(` ${controllersOf(root)} `)))

const controllersOf = (root: string): string => readFileSync(join(root, 'cgroup.controllers'), 'utf8').trim()

/** Replaces an earlier limit. False when none of the group's folders can have one. */
export function limitWrites(folders: readonly string[], device: string, perSecond: number): boolean {
  const found = folders.flatMap(limitsIn)
  for (const { path, file } of found) writeFileSync(path, file.limit(device, perSecond))
  return found.length > 0
}

/** What waited is written at once. */
export function liftWriteLimits(folders: readonly string[]): void {
  for (const { path, file } of folders.flatMap(limitsIn))
    for (const line of readLimits(path)) writeFileSync(path, file.none(line.split(' ')[0] ?? ''))
}

function readLimits(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean)
  } catch {
    // A pod's group, which ended meanwhile.
    return []
  }
}

/** "7:1": of the file system on which that folder lies, as the kernel packs it into st_dev. */
export function deviceOf(folder: string): string {
  const { dev } = statSync(folder, { bigint: true })
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n)
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n)
  return `${major}:${minor}`
}

const limitsIn = (folder: string) =>
  limitFiles.flatMap(file => {
    const path = join(folder, file.name)
    return existsSync(path) ? [{ path, file }] : []
  })
