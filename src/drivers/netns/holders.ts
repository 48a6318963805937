/** The processes that hold clusters, found by their control groups, and where they see the clusters' state folders. */
import { lstatSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { ifThere } from '../../platform/files.ts'
import { Cgroup, type Hierarchies } from './cgroups.ts'

export interface Holder {
  readonly pid: number
  /** The path that it was started with: see holder.sh. */
  readonly stateDir: string
}

/** Undefined when the cluster has none, or one that is only just starting. */
export function holderOf(hierarchies: Hierarchies, clusterId: string): Holder | undefined {
  for (const pid of new Cgroup(hierarchies, clusterId, 'holder').processes()) {
    const stateDir = stateDirOf(pid)
    if (stateDir !== undefined) return { pid, stateDir }
  }
  return undefined
}

function stateDirOf(pid: number): string | undefined {
  try {
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return argv.map(argument => /^k8s-ha (\/.*)$/.exec(argument)?.[1]).find(path => path !== undefined)
  } catch {
    // It ended meanwhile.
    return undefined
  }
}

/** Whether the state folder is gone for the holder itself. False, too, when that cannot be found out. */
export function hasLostStateDir({ pid, stateDir }: Holder): boolean {
  try {
    return lookAs(pid, stateDir) === undefined
  } catch {
    return false
  }
}

/** Whether its path leads to one folder for the holder, and to another, or to none, for this process. */
export function isElsewhere({ pid, stateDir }: Holder): boolean {
  try {
    const theirs = lookAs(pid, stateDir)
    const ours = statSync(stateDir, { throwIfNoEntry: false })
    return theirs !== undefined && (theirs.dev !== ours?.dev || theirs.ino !== ours.ino)
  } catch {
    return false
  }
}

/** As many as the kernel follows: path_resolution(7). */
const mostLinks = 40

/**
 * What another process finds at an absolute path, which may have other mounts and another root than this one (a
 * container). /proc/<pid>/root leads there, but the kernel follows an absolute link below it from this process' own root:
 * so links are followed here. Throws when the process is gone or may not be looked at.
 */
function lookAs(pid: number, path: string): Stats | undefined {
  const root = `/proc/${pid}/root`
  lstatSync(`${root}/`)
  const at: string[] = []
  const left = path.split('/')
  for (let links = 0, name = left.shift(); name !== undefined; name = left.shift()) {
    if (name === '..') at.pop()
    if (name === '' || name === '.' || name === '..') continue
    const here = [root, ...at, name].join('/')
    const found = lstat(here)
    if (found === undefined) return undefined
    if (!found.isSymbolicLink()) {
      at.push(name)
      continue
    }
    if (++links > mostLinks) return undefined
    const target = readlinkSync(here)
    if (target.startsWith('/')) at.splice(0)
    left.unshift(...target.split('/'))
  }
  return lstat([root, ...at, ''].join('/'))
}

const lstat = (path: string): Stats | undefined => ifThere(() => lstatSync(path))
