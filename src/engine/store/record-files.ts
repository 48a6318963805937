/** The store that keyv uses for records: one sealed file each, named by its key. Any other keyv store can stand beside. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readSealed, writeSealed } from '../../platform/files.ts'
import { entriesOf } from '../../platform/folder-entries.ts'

export class RecordFiles {
  readonly #dir: string
  /** Keys whose records were found to be damaged. */
  readonly damaged = new Set<string>()

  constructor(dir: string) {
    this.#dir = dir
  }

  path(key: string): string {
    return join(this.#dir, key.slice(0, 2), key)
  }

  /** A damaged record is as good as none. */
  async get(key: string): Promise<string | undefined> {
    return readSealed(this.path(key), () => this.damaged.add(key))
  }

  async set(key: string, value: string): Promise<void> {
    writeSealed(this.path(key), value)
    this.damaged.delete(key)
  }

  async delete(key: string): Promise<boolean> {
    rmSync(this.path(key), { force: true })
    return true
  }

  async clear(): Promise<void> {
    rmSync(this.#dir, { recursive: true, force: true })
  }

  /** Every key, in no particular order. */
  keys(): string[] {
    return entriesOf(this.#dir).flatMap(folder =>
      entriesOf(join(this.#dir, folder)).filter(name => /^[0-9a-f]{64}$/.test(name)),
    )
  }
}
