/** Control groups of a cluster and its VMs, in every hierarchy this machine has: version 1, version 2, or both. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { failed } from '../../platform/failure.ts'
import { codeOf } from '../../platform/files.ts'
import { foldersIn } from '../../platform/folder-entries.ts'
import { poll } from '../../platform/poll.ts'
import { done, fail, type Result } from '../../platform/result.ts'
import { liftWriteLimits } from './write-limits.ts'

/** All groups of this program lie below this one, at the root of each hierarchy. */
const topGroup = 'k8s-ha'

const usualTimeoutMs = 10_000

export interface Hierarchies {
  /** Mount point of version 2. Its freezer and cgroup.kill need no controllers, so a mixed host serves as well. */
  readonly unified: string
  readonly legacy: readonly LegacyHierarchy[]
}

/** A hierarchy of version 1, such as "cpu,cpuacct" or the named one of systemd. */
export interface LegacyHierarchy {
  readonly mountPoint: string
  /** What mounts it again: "cpu,cpuacct", "name=systemd". */
  readonly options: string
  /** Its folder below /sys/fs/cgroup. */
  readonly name: string
}

/** From /proc/self/mountinfo; undefined when version 2 is mounted nowhere. */
export function findHierarchies(): Hierarchies | undefined {
  const legacy: LegacyHierarchy[] = []
  let unified: string | undefined
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [before, after] = line.split(' - ')
    const mountPoint = before?.split(' ')[4]
    const [type, , superOptions] = after?.split(' ') ?? []
    if (mountPoint === undefined || superOptions === undefined) continue
    if (type === 'cgroup2') unified ??= mountPoint
    if (type !== 'cgroup') continue
    const options = superOptions.split(',').filter(option => option !== 'rw' && option !== 'ro' && option !== 'xattr')
    legacy.push({ mountPoint, options: options.join(','), name: basename(mountPoint) })
  }
  return unified === undefined ? undefined : { unified, legacy }
}

/** One group, the same path in every hierarchy. */
export class Cgroup {
  readonly path: string
  readonly #hierarchies: Hierarchies

  constructor(hierarchies: Hierarchies, clusterId: string, member?: string) {
    this.#hierarchies = hierarchies
    this.path = join(topGroup, clusterId, member ?? '')
  }

  /** The group's folder in each hierarchy, version 2 first. */
  get folders(): readonly string[] {
    return mountPoints(this.#hierarchies).map(mountPoint => join(mountPoint, this.path))
  }

  /** Where further processes join: see `settle`. */
  get memberFolders(): readonly string[] {
    return this.#isUnifiedOnly ? [join(this.#unified, 'init')] : this.folders
  }

  /** Only version 2 is there: then its controllers must be handed down, level by level. */
  get #isUnifiedOnly(): boolean {
    return this.#hierarchies.legacy.length === 0
  }

  get #unified(): string {
    return join(this.#hierarchies.unified, this.path)
  }

  create(): void {
    for (const mountPoint of mountPoints(this.#hierarchies)) {
      let folder = mountPoint
      for (const part of this.path.split('/').filter(Boolean)) {
        if (this.#isUnifiedOnly) enableControllers(folder)
        const parent = folder
        folder = join(folder, part)
        mkdirSync(folder, { recursive: true })
        inheritCpuset(parent, folder)
      }
    }
  }

  /**
   * Version 2 hands controllers only to groups whose parent holds no process itself, so on a machine with nothing else
   * the processes that are in the group by now move one level down.
   */
  settle(): void {
    if (!this.#isUnifiedOnly) return
    const leaf = join(this.#unified, 'init')
    mkdirSync(leaf, { recursive: true })
    // Again, since what is there may start and end processes meanwhile.
    for (let left = ownProcesses(this.#unified); left.length > 0; left = ownProcesses(this.#unified))
      for (const pid of left) moveProcess(pid, leaf)
    enableControllers(this.#unified)
  }

  /** Host pids of every process in this group and below. */
  processes(): readonly number[] {
    return existsSync(this.#unified) ? allProcesses(this.#unified) : []
  }

  /** `patience`, here and below: how many times longer than usual it may take. */
  async freeze(patience = 1): Promise<Result<void>> {
    writeFileSync(join(this.#unified, 'cgroup.freeze'), '1')
    return this.#until(() => /^frozen 1$/m.test(this.#events()), 'freeze', patience)
  }

  async thaw(patience = 1): Promise<Result<void>> {
    writeFileSync(join(this.#unified, 'cgroup.freeze'), '0')
    return this.#until(() => /^frozen 0$/m.test(this.#events()), 'thaw', patience)
  }

  isFrozen(): boolean {
    return existsSync(this.#unified) && readFileSync(join(this.#unified, 'cgroup.freeze'), 'utf8').trim() === '1'
  }

  /** SIGKILL to every process in it, frozen or not, and to those that they start meanwhile. */
  async kill(patience = 1): Promise<Result<void>> {
    if (!existsSync(this.#unified)) return done
    // Who waits for a slow disk does not die before all that it wrote is on it.
    liftWriteLimits(this.folders.flatMap(folder => [folder, ...foldersIn(folder).map(child => join(folder, child))]))
    writeFileSync(join(this.#unified, 'cgroup.kill'), '1')
    return this.#until(() => /^populated 0$/m.test(this.#events()), 'end every process of', patience)
  }

  /** The group and all below it must be without processes. */
  remove(): void {
    for (const folder of this.folders) removeTree(folder)
  }

  #events(): string {
    return readFileSync(join(this.#unified, 'cgroup.events'), 'utf8')
  }

  async #until(holds: () => boolean, verb: string, patience: number): Promise<Result<void>> {
    const withinMs = usualTimeoutMs * patience
    if (await poll(holds, Boolean, { everyMs: 2, withinMs })) return done
    return fail(
      failed(`Cannot ${verb} control group "${this.path}" within ${withinMs / 1000} s`, {
        last: this.#events(),
        log: join(this.#unified, 'cgroup.procs'),
      }),
    )
  }
}

/** Ids of the clusters that have groups here, whether or not any state of theirs is left. */
export function clusterIds(hierarchies: Hierarchies): readonly string[] {
  return foldersIn(join(hierarchies.unified, topGroup))
}

/** Removes the top group once no cluster is left in it. */
export function removeTopGroup(hierarchies: Hierarchies): void {
  for (const mountPoint of mountPoints(hierarchies)) {
    const folder = join(mountPoint, topGroup)
    if (foldersIn(folder).length > 0) continue
    try {
      rmdirSync(folder)
    } catch {
      // Another run made a group in it just now, or it never was.
    }
  }
}

/** Of all hierarchies, version 2 first. */
export const mountPoints = (hierarchies: Hierarchies): readonly string[] => [
  hierarchies.unified,
  ...hierarchies.legacy.map(one => one.mountPoint),
]

const ownProcesses = (folder: string): readonly number[] =>
  readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)

function moveProcess(pid: number, to: string): void {
  try {
    writeFileSync(join(to, 'cgroup.procs'), String(pid))
  } catch (error) {
    // It ended meanwhile.
    if (codeOf(error) !== 'ESRCH') throw error
  }
}

const allProcesses = (folder: string): readonly number[] => [
  ...ownProcesses(folder),
  ...foldersIn(folder).flatMap(child => allProcesses(join(folder, child))),
]

function removeTree(folder: string): void {
  for (const child of foldersIn(folder)) removeTree(join(folder, child))
  if (existsSync(folder)) rmdirSync(folder)
}

/** A new version 1 cpuset has no cpus and no memory nodes, and takes no process before it has both. */
function inheritCpuset(parent: string, child: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (!existsSync(join(parent, file)) || !existsSync(join(child, file))) continue
    if (readFileSync(join(child, file), 'utf8').trim() === '')
      writeFileSync(join(child, file), readFileSync(join(parent, file), 'utf8'))
  }
}

function enableControllers(folder: string): void {
  for (const controller of readFileSync(join(folder, 'cgroup.controllers'), 'utf8').trim().split(' ')) {
    if (controller === '') continue
    try {
      writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`)
    } catch {
      // A controller that cannot be handed down here (rt tasks, threaded groups) is one that pods go without.
    }
  }
}
