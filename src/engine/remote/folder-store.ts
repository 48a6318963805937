/** A folder that several machines share as a remote: a file for each key, in its place whole or not at all. */
import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf, isMissing } from '../../platform/files.ts'
import { runProcess } from '../../platform/processes/process.ts'
import type { ConnectOptions, RemoteConnection, RemoteStore } from './remote-store.ts'

/** No value is larger: a larger file does not come from this program. */
const maxValueBytes = 4 * 1024 * 1024
/** A file system of another machine may stop answering; Node.js has four threads for files, and others need them. */
const parallel = 2

/** A folder that does not exist is an empty one, and made by the first write. */
export function connectFolder(path: string, { writable, limitMs }: ConnectOptions): RemoteConnection {
  return {
    store: new FolderStore(path),
    parallel,
    async open() {
      // By a child first, which can be ended when the folder's machine does not answer.
      const seen = await runProcess(['stat', '-L', '--format=%F', path], { timeoutMs: limitMs })
      if (!seen.ok) throw new Error('the folder does not answer')
      if (seen.value.exitCode === 0 && seen.value.stdout.trim() !== 'directory') throw new Error('it is not a folder')
      if (writable) await mkdir(path, { recursive: true })
    },
    close() {},
  }
}

class FolderStore implements RemoteStore {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  async get(key: string): Promise<string | undefined> {
    try {
      const file = await open(join(this.#path, key), 'r')
      try {
        if ((await file.stat()).size > maxValueBytes) return ''
        return await file.readFile('utf8')
      } finally {
        await file.close()
      }
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  async set(key: string, value: string): Promise<boolean> {
    const path = join(this.#path, key)
    const temporary = `${path}.${randomUUID()}.tmp`
    await mkdir(dirname(path), { recursive: true })
    try {
      await writeFile(temporary, value, { flag: 'wx' })
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
    return true
  }

  async hasMany(keys: string[]): Promise<boolean[]> {
    const found: boolean[] = []
    for (const key of keys) found.push(await this.#has(key))
    return found
  }

  async #has(key: string): Promise<boolean> {
    try {
      return (await stat(join(this.#path, key))).isFile()
    } catch (error) {
      if (codeOf(error) === undefined) throw error
      return false
    }
  }
}
