/** The TMPDIRs of tasks: each empty when its task starts, gone or unseen by the next when it ends. */
import { lstatSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { codeOf, removeTree } from '../../platform/files.ts'

const mode = 0o755

export class TemporaryFolders {
  readonly #parent: string
  readonly #madeMode = mode & ~process.umask()
  /** Left empty by a task: renamed for the next, as making and removing a folder takes many times as long. */
  readonly #spare: string[] = []

  constructor(parent: string) {
    this.#parent = parent
  }

  take(path: string): void {
    const spare = this.#spare.pop()
    if (spare === undefined) this.#make(path)
    else if (spare !== path) renameSync(spare, path)
  }

  leave(path: string): void {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    const isAsMade = stat?.isDirectory() && (stat.mode & 0o7777) === this.#madeMode
    if (isAsMade && readdirSync(path).length === 0) this.#spare.push(path)
    else removeTree(path)
  }

  /** When no task runs. */
  clear(): void {
    for (const path of this.#spare.splice(0)) removeTree(path)
  }

  #make(path: string): void {
    try {
      mkdirSync(path, { mode })
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      mkdirSync(this.#parent, { recursive: true })
      mkdirSync(path, { mode })
    }
  }
}
