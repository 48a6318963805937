/** The TMPDIRs of tasks: each empty when its task starts, gone or unseen by the next when it ends. */
import { lstatSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { codeOf, ifThere } from '../../platform/files.ts'
import { removeFully } from '../files/remove-fully.ts'

const mode = 0o755

export class TemporaryFolders {
  readonly #makeParent: () => void
  readonly #madeMode = mode & ~process.umask()
  /** Left empty by a task: renamed for the next, as making and removing a folder takes many times as long. */
  readonly #spare: string[] = []

  /** `makeParent`: called when the folder above them is not there, or not any more. */
  constructor(makeParent: () => void) {
    this.#makeParent = makeParent
  }

  take(path: string): void {
    const spare = this.#spare.pop()
    if (spare === undefined || !ifThere(() => movedTo(spare, path))) this.#make(path)
  }

  /** One that cannot be looked at or removed is seen to by the next task that wants it. */
  leave(path: string): void {
    try {
      this.#tidy(path)
    } catch {}
  }

  #tidy(path: string): void {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    const isAsMade = stat?.isDirectory() && (stat.mode & 0o7777) === this.#madeMode
    if (isAsMade && readdirSync(path).length === 0) this.#spare.push(path)
    else removeFully(path)
  }

  /** When no task runs. */
  clear(): void {
    for (const path of this.#spare.splice(0)) removeFully(path)
  }

  #make(path: string): void {
    try {
      mkdirSync(path, { mode })
    } catch (error) {
      if (codeOf(error) === 'EEXIST') removeFully(path)
      else if (codeOf(error) === 'ENOENT') this.#makeParent()
      else throw error
      mkdirSync(path, { mode })
    }
  }
}

/** Nothing is there any more when someone emptied the cache during the run. */
function movedTo(spare: string, path: string): true {
  if (spare !== path) renameSync(spare, path)
  else lstatSync(path)
  return true
}
