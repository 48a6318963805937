/**
 * Where runs of this project made something: only what lies there may be removed. Kept in the project itself, so that it
 * holds with every cache folder, and survives `cache clear`. An output that is named is such a place from its first run
 * on; of globs, which match what others make, the files are noted.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ifThere, makeFolder, writeAtomically } from '../../platform/files.ts'
import { isOutputGlob, OutputGlobs, placesAmong } from '../workflow/output-globs.ts'
import { upwards } from '../workflow/project-path.ts'

/** What is known of the globs of one task. */
interface Globbed {
  /** Of a run that has not ended: all that they match is its work. */
  readonly making?: OutputGlobs
  readonly files: ReadonlySet<string>
}

/** So many lines that later ones replaced are kept. */
const maxStale = 200

export class MadePlaces {
  readonly #file: string
  readonly #places = new Set<string>()
  /** By the outputs as JSON. */
  readonly #globbed = new Map<string, Globbed>()
  #stale = 0
  #isRead = false

  constructor(projectDir: string) {
    this.#file = join(projectDir, 'cache', 'made')
  }

  /** True for what lies in such a place, too. */
  has(path: string): boolean {
    this.#read()
    for (const place of upwards(path)) if (this.#places.has(place)) return true
    for (const { making, files } of this.#globbed.values()) if (files.has(path) || making?.own(path)) return true
    return false
  }

  /** To be called before something is made at a task's outputs: a run may be killed at any moment. */
  begin(outputs: readonly string[]): void {
    this.#read()
    const news = placesAmong(outputs).filter(place => !this.#places.has(place))
    const globs = globsOf(outputs)
    this.#append([...news, ...(globs.length > 0 ? [{ globs }] : [])])
  }

  /** To be called when it is made, with the files that the globs among them match. */
  end(outputs: readonly string[], files: readonly string[]): void {
    this.#read()
    const globs = globsOf(outputs)
    if (globs.length > 0) this.#append([{ globs, files }])
    if (this.#stale > maxStale) this.#rewrite()
  }

  #append(lines: readonly unknown[]): void {
    if (lines.length === 0) return
    makeFolder(dirname(this.#file))
    appendFileSync(this.#file, lines.map(line => `${JSON.stringify(line)}\n`).join(''))
    for (const line of lines) this.#note(line)
  }

  #rewrite(): void {
    const lines: unknown[] = [...this.#places]
    for (const [key, { making, files }] of this.#globbed) {
      const globs: unknown = JSON.parse(key)
      if (files.size > 0) lines.push({ globs, files: [...files] })
      if (making) lines.push({ globs })
    }
    writeAtomically(this.#file, lines.map(line => `${JSON.stringify(line)}\n`).join(''))
    this.#stale = 0
  }

  /** A line that a full disk or a power cut left unfinished is passed over. */
  #read(): void {
    if (this.#isRead) return
    this.#isRead = true
    for (const line of (ifThere(() => readFileSync(this.#file, 'utf8')) ?? '').split('\n')) {
      try {
        this.#note(JSON.parse(line))
      } catch {}
    }
  }

  #note(line: unknown): void {
    if (typeof line === 'string') this.#places.add(line)
    if (typeof line !== 'object' || line === null || !('globs' in line)) return
    const globs = textsOf(line.globs)
    const key = JSON.stringify(globs)
    const known = this.#globbed.get(key)
    if (known) this.#stale++
    const files = 'files' in line ? new Set(textsOf(line.files)) : (known?.files ?? new Set<string>())
    this.#globbed.set(key, { files, ...('files' in line ? {} : { making: new OutputGlobs(globs) }) })
  }
}

/** The places go with the globs: they are not the globs' affair. */
const globsOf = (outputs: readonly string[]): readonly string[] => (outputs.some(isOutputGlob) ? outputs : [])

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])
