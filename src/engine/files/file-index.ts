/** Remembers the digest of each file by its stat, so that what did not change is not read again. */
import { type BigIntStats, lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { now, sleep } from '../../platform/clock.ts'
import type { Digest } from '../../platform/digest.ts'
import { systemPath } from '../../platform/file-names.ts'
import { readSealed, writeSealed } from '../../platform/files.ts'
import { type Content, hashFile, isSmall, type PieceSink } from './content.ts'
import { lstat } from './lstat.ts'

/** Times of files come from a clock that stands still for up to a tick of the kernel (10 ms at 100 Hz). */
const tickMs = 12
/** Some file systems keep whole (or every second) seconds only. */
const coarseTickMs = 2_100

interface Entry {
  readonly stat: string
  readonly digest: Digest
}

/** What shows whether a file has changed: small, as it is kept for every file of a result. */
export interface FileMark {
  readonly text: string
  /** When it changed last, in milliseconds since the epoch. */
  readonly changedMs: number
  /** Its file system seems to keep whole seconds only. */
  readonly coarse: boolean
}

export interface NotedContent {
  readonly digest: Digest
  readonly untouchedUntilMs: number
}

export class FileIndex {
  readonly #root: string
  readonly #file: string
  readonly #entries: Map<string, Entry>
  readonly #touched = new Set<string>()
  /** Hashed so soon after their last change that another change could have gone unnoticed. */
  readonly #racy = new Map<string, Entry>()
  readonly #chunks = new Map<Digest, readonly Digest[]>()
  #changed = false

  /** `trust`: false after a crash of the machine, when stat and content may disagree. */
  constructor(root: string, file: string, { trust = true, onDamage = (_: string) => {} } = {}) {
    this.#root = root
    this.#file = file
    this.#entries = trust ? load(file, onDamage) : new Map()
  }

  get size(): number {
    return this.#entries.size
  }

  /** The chunks of a large file that was hashed in this run. */
  chunksOf(digest: Digest): readonly Digest[] | undefined {
    return this.#chunks.get(digest)
  }

  /** Whether anything is known of the file; it may have changed since. */
  remembers(path: string): boolean {
    return this.#entries.has(path)
  }

  /** Without reading the file; undefined when it must be read. */
  known(path: string, stat: BigIntStats): Digest | undefined {
    const entry = this.#entries.get(path)
    if (!entry || entry.stat !== statText(stat)) return undefined
    return entry.digest
  }

  /** The digest of a regular file's content, and the stat that belongs to it. */
  async digest(path: string, stat: BigIntStats): Promise<Digest> {
    return this.known(path, stat) ?? (await this.read(path, stat)).digest
  }

  /** The content behind a link: read each time, as the link's own stat says nothing about it. */
  readThrough(path: string, behind: BigIntStats): Promise<Content> {
    return hashFile(systemPath(join(this.#root, path)), Number(behind.size))
  }

  /** Reads the file. A file that changes meanwhile is read again, at most a few times. */
  async read(path: string, stat: BigIntStats, sink?: PieceSink): Promise<Content> {
    const absolute = systemPath(join(this.#root, path))
    let before = stat
    for (let attempt = 1; ; attempt++) {
      const mark = markOf(before)
      if (!isSmall(Number(before.size)) && isRacy(mark)) await sleep(tickMs)
      const racy = isRacy(mark)
      const content = await hashFile(absolute, Number(before.size), sink)
      const after = lstatSync(absolute, { bigint: true })
      const stable = statText(after) === mark.text
      if (stable || attempt === 3) {
        if (content.chunks) this.#chunks.set(content.digest, content.chunks)
        this.#remember(path, { stat: stable ? mark.text : '', digest: content.digest }, racy || !stable)
        return content
      }
      before = after
    }
  }

  /**
   * For a file that was written with a content that is known. `untouchedUntilMs`: until when nobody else could have
   * changed it, as it was not yet in its place.
   */
  note(path: string, mark: FileMark, { digest, untouchedUntilMs }: NotedContent): void {
    this.#remember(path, { stat: mark.text, digest }, isRacy(mark, untouchedUntilMs))
  }

  forget(path: string): void {
    this.#racy.delete(path)
    if (this.#entries.delete(path)) this.#changed = true
  }

  #remember(path: string, entry: Entry, racy: boolean): void {
    if (racy) {
      this.forget(path)
      if (entry.stat !== '') this.#racy.set(path, entry)
      return
    }
    this.#racy.delete(path)
    this.#entries.set(path, entry)
    this.#touched.add(path)
    this.#changed = true
  }

  /** Reads once more what was hashed too soon, so that the next run need not; then writes the index if it changed. */
  async save(): Promise<void> {
    if (this.#racy.size > 0) await this.#settle()
    if (!this.#changed) return
    this.#dropVanished()
    const lines: string[] = []
    for (const [path, { stat, digest }] of this.#entries) lines.push(`${digest} ${stat} ${JSON.stringify(path)}\n`)
    writeSealed(this.#file, lines.join(''))
    this.#changed = false
  }

  async #settle(): Promise<void> {
    const found = [...this.#racy].flatMap(([path, entry]) => {
      const stat = lstat(this.#root, path)
      return stat ? [{ path, entry, stat, mark: markOf(stat) }] : []
    })
    if (found.some(({ mark }) => isRacy(mark) && !mark.coarse)) await sleep(tickMs)
    for (const { path, entry, stat, mark } of found) {
      if (mark.text !== entry.stat || isRacy(mark)) continue
      const content = await hashFile(systemPath(join(this.#root, path)), Number(stat.size))
      if (content.digest === entry.digest) this.#remember(path, entry, false)
    }
    this.#racy.clear()
  }

  /** Files come and go with every version of a project: what is gone need not be remembered. */
  #dropVanished(): void {
    if (this.#entries.size < 2 * this.#touched.size + 20_000) return
    for (const path of this.#entries.keys()) if (!lstat(this.#root, path)) this.#entries.delete(path)
  }
}

const statText = (stat: BigIntStats): string => `${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino} ${stat.mode}`

export const markOf = (stat: BigIntStats): FileMark => ({
  text: statText(stat),
  changedMs: Math.floor(Math.max(Number(stat.ctimeNs), Number(stat.mtimeNs)) / 1e6),
  coarse: stat.ctimeNs % 1_000_000_000n === 0n,
})

/** Could the file change now without a change of its times? The rule of git's index, by the time of reading. */
function isRacy({ changedMs, coarse }: FileMark, atMs = now()): boolean {
  const ageMs = atMs - changedMs
  return ageMs <= tickMs || (ageMs <= coarseTickMs && coarse)
}

function load(file: string, onDamage: (path: string) => void): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  const text = readSealed(file, onDamage)
  if (text === undefined) return entries
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start)
    const quote = text.indexOf('"', start)
    const path = text.slice(quote + 1, end - 1)
    const digest = text.slice(start, start + 64) as Digest
    entries.set(path.includes('\\') ? JSON.parse(`"${path}"`) : path, {
      digest,
      stat: text.slice(start + 65, quote - 1),
    })
    start = end + 1
  }
  return entries
}

export const bootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return ''
  }
}
