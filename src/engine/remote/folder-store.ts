/** A folder that several machines share as a remote: a file for each key, in its place whole or not at all. */
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf, isMissing } from '../../platform/files.ts'
import { runProcess } from '../../platform/processes/process.ts'
import { type ConnectOptions, maxValueBytes, type RemoteConnection, type RemoteStore } from './remote-store.ts'

/** A file system of another machine may stop answering; Node.js has four threads for files, and others need them. */
const parallel = 2
/** Never through a link; and a pipe that nobody writes to does not hold it up. */
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants

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

/** Others may write to it: whatever is no folder or plain file, as this program makes them, is not opened. */
class FolderStore implements RemoteStore {
  readonly #path: string
  /** Folders that were seen to be some: relative, as in keys. */
  readonly #folders = new Set<string>(['.'])

  constructor(path: string) {
    this.#path = path
  }

  async get(key: string): Promise<string | undefined> {
    try {
      if (!(await this.#isPlain(dirname(key)))) return ''
      if (!(await lstat(join(this.#path, key))).isFile()) return ''
      const file = await open(join(this.#path, key), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      try {
        return await readValue(file)
      } finally {
        await file.close()
      }
    } catch (error) {
      if (isMissing(error)) return undefined
      if (codeOf(error) === 'ELOOP' || codeOf(error) === 'ENXIO') return ''
      throw error
    }
  }

  async set(key: string, value: string): Promise<boolean> {
    const path = join(this.#path, key)
    const temporary = `${path}.${randomUUID()}.tmp`
    await mkdir(dirname(path), { recursive: true })
    if (!(await this.#isPlain(dirname(key)))) throw new Error(`${dirname(path)} is reached through a link`)
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
      return (await this.#isPlain(dirname(key))) && (await lstat(join(this.#path, key))).isFile()
    } catch (error) {
      if (codeOf(error) === undefined) throw error
      return false
    }
  }

  /** Folders all the way: a link would lead to where the writers of the cache please. */
  async #isPlain(folder: string): Promise<boolean> {
    if (this.#folders.has(folder)) return true
    if (!(await this.#isPlain(dirname(folder)))) return false
    if (!(await lstat(join(this.#path, folder))).isDirectory()) return false
    this.#folders.add(folder)
    return true
  }
}

/** One byte more than there may be shows that there are too many, also where a size is not known before. */
async function readValue(file: FileHandle): Promise<string> {
  const stat = await file.stat()
  if (!stat.isFile() || stat.size > maxValueBytes) return ''
  const bytes = Buffer.allocUnsafe(stat.size + 1)
  let length = 0
  for (let read = 1; read > 0 && length < bytes.length; length += read)
    read = (await file.read(bytes, length, bytes.length - length)).bytesRead
  return length > stat.size ? '' : bytes.toString('utf8', 0, length)
}
