/** Names the files of a project that a command reads without declaring them, by their access times. */
import { randomUUID } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { lstat, lutimes, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { failed } from '../platform/failure.ts'
import { namesIn, systemPath } from '../platform/file-names.ts'
import { runChecked } from '../platform/processes/process.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { isVisible } from './mentioned-files.ts'
import type { Mount } from './mount.ts'
import type { ProjectSpec } from './project-view.ts'
import { runOnView, type SandboxedCommand, type View } from './run-sandboxed.ts'

/** Of an access, in seconds since the epoch. */
const longAgo = 1

/**
 * Runs the command on a copy of the whole project, where a read of a file moves its access time, and throws the copy
 * away. Relative to the project, sorted. To ask whether a file exists, or what is in a folder, moves nothing: only a run
 * that shows nothing but the declared inputs proves that they are enough.
 */
export function findUndeclaredReads(command: SandboxedCommand): Promise<Result<readonly string[]>> {
  const { onBytes: _, onOutput: __, ...silent } = command
  const makeView = (folder: string) => new RecordedCopy(command, folder)
  return runOnView(silent, makeView, view => view.undeclaredReads())
}

class RecordedCopy implements View {
  readonly #project: ProjectSpec
  readonly #cacheDir: string
  readonly #folder: string
  readonly #probe = `.read-probe-${randomUUID()}`
  readonly #accessed = new Map<string, bigint>()

  constructor({ project, cacheDir }: SandboxedCommand, folder: string) {
    this.#project = project
    this.#cacheDir = cacheDir
    this.#folder = folder
  }

  get probe(): string {
    return join(this.#project.at, this.#probe)
  }

  async prepare(): Promise<readonly Mount[]> {
    const { dir, at, outputs, globs } = this.#project
    await mkdir(this.#folder, { recursive: true })
    const cache = relative(dir, this.#cacheDir)
    const leftOut = [...outputs, ...(cache.startsWith('..') ? [] : [cache])].map(path => `--exclude=./${path}`)
    // Exit code 1 of tar: a file changed meanwhile, by another task.
    const copy = 'from=$1 to=$2; shift 2; { tar -C "$from" "$@" -cf - . || [ $? = 1 ]; } | tar -C "$to" -xf -'
    const options = ['--anchored', '--no-wildcards', ...leftOut]
    const argv = ['bash', '-euo', 'pipefail', '-c', copy, 'copy', dir, this.#folder, ...options]
    const copied = await runChecked(argv, { name: `a copy of "${dir}"` })
    if (!copied.ok) throw new Error(`${copied.failure.message}\n${copied.failure.last ?? ''}`)
    for (const base of globs?.bases ?? []) await mkdir(join(this.#folder, base), { recursive: true })
    for (const output of outputs) await mkdir(join(this.#folder, dirname(output)), { recursive: true })
    await writeFile(join(this.#folder, this.#probe), 'read me')
    for (const path of this.#filesIn('')) if (globs?.name(path)) await rm(this.#place(path))
    for (const path of this.#filesIn('')) {
      await this.#makeOld(path)
      this.#accessed.set(path, await this.#accessTime(path))
    }
    return [{ from: this.#folder, to: at, writable: true, recordsReads: true }]
  }

  async undeclaredReads(): Promise<Result<readonly string[]>> {
    const declared = new Set([...this.#project.inputs, ...this.#project.outputs])
    const read: string[] = []
    for (const [path, before] of this.#accessed) {
      const after = await this.#accessTime(path).catch(() => undefined) // Moved or removed: that is no less a use.
      if (after !== before && !isVisible(path, declared)) read.push(path)
    }
    if (!read.includes(this.#probe))
      return fail(failed(`the file system of "${this.#cacheDir}" does not record when a file is read`))
    return ok(read.filter(path => path !== this.#probe).sort())
  }

  #filesIn(folder: string): readonly string[] {
    return namesIn(join(this.#folder, folder)).flatMap(name => {
      const path = join(folder, name)
      return lstatSync(this.#place(path)).isDirectory() ? this.#filesIn(path) : [path]
    })
  }

  /** Read long ago: then the next read counts on any mount that records reads at all (relatime, see mount(8)). */
  async #makeOld(path: string): Promise<void> {
    const { mtime } = await lstat(this.#place(path))
    await lutimes(this.#place(path), longAgo, mtime)
  }

  async #accessTime(path: string): Promise<bigint> {
    return (await lstat(this.#place(path), { bigint: true })).atimeNs
  }

  #place(path: string): string | Buffer {
    return systemPath(join(this.#folder, path))
  }
}
