/** What a sandboxed command sees of a project: its declared inputs, places for its outputs, and nothing else. */
import { constants, type Stats } from 'node:fs'
import { copyFile, lstat, lutimes, mkdir, symlink, utimes } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { failed } from '../platform/failure.ts'
import { linkTarget, namesIn, systemPath } from '../platform/file-names.ts'
import { codeOf } from '../platform/files.ts'
import { done, fail, type Result } from '../platform/result.ts'
import type { Mount } from './mount.ts'
import { move } from './move.ts'
import { leadsTo, type OutputPatterns } from './output-patterns.ts'
import { sameEntry } from './same-entry.ts'

export interface ProjectSpec {
  /** Absolute, on the host. */
  readonly dir: string
  /** Where the command sees it. */
  readonly at: string
  /** Files, links and folders, relative to `dir`, which exist. A folder is shown whole. */
  readonly inputs: readonly string[]
  /** Files or folders, relative to `dir`, that the command may make. */
  readonly outputs: readonly string[]
  /** Further files that the command may make. */
  readonly globs?: OutputPatterns
}

/** Files copied at the same time. */
const atOnce = 64

/**
 * A folder with copies of the input files and mount points for the input folders. Copies, because a mount for each of
 * thousands of files is slow, and hard links would change the times of the originals.
 */
export class ProjectView {
  readonly #spec: ProjectSpec
  readonly #folder: string
  /** Change time (ctime) of each input that was copied: nothing can be done to a file without moving it. */
  readonly #copied = new Map<string, bigint>()
  readonly #mountPoints = new Set<string>()
  readonly #parents = new Set<string>()

  /** `others`: mounts that are made over the view afterwards. */
  constructor(spec: ProjectSpec, folder: string, others: readonly Mount[]) {
    this.#spec = spec
    this.#folder = folder
    for (const { to } of others) if (to.startsWith(`${spec.at}/`)) this.#mountPoints.add(relative(spec.at, to))
  }

  /** Fills the folder; what must be mounted, the folder itself first. */
  async prepare(): Promise<readonly Mount[]> {
    await mkdir(this.#folder, { recursive: true })
    for (const mountPoint of this.#mountPoints) await this.#makeParents(mountPoint)
    const mounts: Mount[] = [{ from: this.#folder, to: this.#spec.at, writable: true }]
    const inputs = withoutNested(this.#spec.inputs)
    for (let start = 0; start < inputs.length; start += atOnce) {
      const part = inputs.slice(start, start + atOnce)
      const areFolders = await Promise.all(part.map(input => this.#show(input)))
      for (const [index, input] of part.entries())
        if (areFolders[index])
          mounts.push({ from: join(this.#spec.dir, input), to: join(this.#spec.at, input), writable: false })
    }
    for (const output of this.#spec.outputs) await this.#makeParents(output)
    for (const base of this.#spec.globs?.bases ?? []) await this.#makeParents(`${base}/x`)
    return mounts
  }

  /** Moves the outputs that the command made into the project, where they must not exist. */
  async takeOutputs(): Promise<Result<void>> {
    for (const output of this.#spec.outputs) {
      if (!(await this.#isMade(output))) continue
      const moved = await move(join(this.#folder, output), join(this.#spec.dir, output))
      if (!moved.ok) return moved
    }
    return this.#takeGlobbed('')
  }

  /** Files and links that the globs match, in folders all the way. */
  async #takeGlobbed(folder: string): Promise<Result<void>> {
    const { dir, globs, outputs } = this.#spec
    if (!globs || (folder !== '' && !leadsTo(globs, folder))) return done
    for (const name of this.#names(folder) ?? []) {
      const path = folder === '' ? name : `${folder}/${name}`
      if (outputs.includes(path) || this.#mountPoints.has(path) || this.#copied.has(path)) continue
      if ((await this.#entry(path))?.isDirectory()) {
        const taken = await this.#takeGlobbed(path)
        if (!taken.ok) return taken
      } else if (globs.own(path)) {
        const parent = await this.#folderInProject(dirname(path))
        const moved = parent.ok ? await move(join(this.#folder, path), join(dir, path)) : parent
        if (!moved.ok) return moved
      }
    }
    return done
  }

  /** Made where it is missing; a link in its place may lead to anything. */
  async #folderInProject(folder: string): Promise<Result<void>> {
    if (folder === '.') return done
    const above = await this.#folderInProject(dirname(folder))
    if (!above.ok) return above
    const place = systemPath(join(this.#spec.dir, folder))
    const stats = await lstat(place).catch(() => undefined)
    if (stats?.isDirectory()) return done
    if (stats) return fail(failed(`Cannot keep what the command made in "${folder}": that is no folder in the project`))
    await mkdir(place)
    return done
  }

  /** Paths relative to the project, sorted: what was made, changed or removed besides the outputs. */
  async undeclaredWrites(): Promise<readonly string[]> {
    const found: string[] = []
    const seen = new Set<string>()
    await this.#compare('', found, seen)
    for (const path of this.#copied.keys()) if (!seen.has(path)) found.push(path)
    return found.sort()
  }

  /**
   * Something is there, in folders all the way. The command may have put a link in the place of one, which leads to
   * anything of the host once the command has ended and the kernel follows it from here.
   */
  async #isMade(output: string): Promise<boolean> {
    for (let folder = dirname(output); folder !== '.'; folder = dirname(folder))
      if (!(await this.#entry(folder))?.isDirectory()) return false
    return (await this.#entry(output)) !== undefined
  }

  #entry(path: string): Promise<Stats | undefined> {
    return lstat(this.#place(path)).catch(() => undefined)
  }

  #place(path: string): string | Buffer {
    return systemPath(join(this.#folder, path))
  }

  /** True for a folder, which is to be mounted. */
  async #show(input: string): Promise<boolean> {
    const source = join(this.#spec.dir, input)
    const [from, to] = [systemPath(source), this.#place(input)]
    await this.#makeParents(input)
    const stats = await lstat(from)
    if (stats.isDirectory()) {
      await mkdir(to, { recursive: true })
      this.#mountPoints.add(input)
      return true
    }
    if (stats.isSymbolicLink()) {
      await symlink(systemPath(linkTarget(source)), to)
      await lutimes(to, stats.atime, stats.mtime)
    } else {
      await copyFile(from, to, constants.COPYFILE_FICLONE)
      await utimes(to, stats.atime, stats.mtime)
    }
    this.#copied.set(input, (await lstat(to, { bigint: true })).ctimeNs)
    return false
  }

  async #makeParents(path: string): Promise<void> {
    const parent = dirname(path)
    if (parent === '.') return
    await mkdir(this.#place(parent), { recursive: true })
    for (let folder = parent; folder !== '.'; folder = dirname(folder)) this.#parents.add(folder)
  }

  /** Undefined for a folder that the command closed to the user who runs this. */
  #names(folder: string): readonly string[] | undefined {
    try {
      return namesIn(join(this.#folder, folder))
    } catch (error) {
      return unlessClosed(error)
    }
  }

  /** A file may have been linked to, or touched, or changed and changed back: what counts is what it holds. */
  #isAsShown(path: string): Promise<boolean> {
    return sameEntry(systemPath(join(this.#spec.dir, path)), this.#place(path))
  }

  async #compare(folder: string, found: string[], seen: Set<string>): Promise<void> {
    const names = this.#names(folder)
    if (names === undefined) {
      found.push(`${folder}/`)
      return
    }
    const { globs } = this.#spec
    const isExpected = folder === '' || this.#parents.has(folder) || (globs && leadsTo(globs, folder))
    if (names.length === 0 && !isExpected) found.push(`${folder}/`)
    for (const name of names) {
      const path = folder === '' ? name : `${folder}/${name}`
      if (this.#spec.outputs.includes(path) || this.#mountPoints.has(path)) continue
      const stats = await lstat(this.#place(path), { bigint: true }).catch(unlessClosed)
      if (stats === undefined) {
        found.push(path)
        continue
      }
      if (stats.isDirectory()) {
        await this.#compare(path, found, seen)
        continue
      }
      seen.add(path)
      const before = this.#copied.get(path)
      if (before === stats.ctimeNs || (before === undefined && globs?.name(path))) continue
      if (before === undefined || !(await this.#isAsShown(path))) found.push(path)
    }
  }
}

function unlessClosed(error: unknown): undefined {
  if (codeOf(error) !== 'EACCES') throw error
}

/** Without what lies in another one of them: it is shown with that folder. */
function withoutNested(paths: readonly string[]): readonly string[] {
  const all = new Set(paths)
  return [...all].filter(path => {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) if (all.has(folder)) return false
    return true
  })
}
