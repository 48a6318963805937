/**
 * The places of outputs where runs of this project made something: only what lies there may be removed. Kept in the
 * project itself, so that it holds with every cache folder, and survives `cache clear`.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ifThere, makeFolder } from '../../platform/files.ts'
import { upwards } from '../workflow/project-path.ts'

export class MadePlaces {
  readonly #file: string
  #known: Set<string> | undefined

  constructor(projectDir: string) {
    this.#file = join(projectDir, 'cache', 'made')
  }

  /** True for what lies in such a place, too. */
  has(path: string): boolean {
    const known = this.#places()
    return [...upwards(path)].some(place => known.has(place))
  }

  /** To be called before something is made there: a run may be killed at any moment. */
  add(paths: readonly string[]): void {
    const known = this.#places()
    const news = paths.filter(path => !known.has(path))
    if (news.length === 0) return
    for (const path of news) known.add(path)
    const lines = news.map(path => `${JSON.stringify(path)}\n`).join('')
    makeFolder(dirname(this.#file))
    appendFileSync(this.#file, lines)
  }

  #places(): Set<string> {
    this.#known ??= readPlaces(this.#file)
    return this.#known
  }
}

/** A line that a full disk or a power cut left unfinished is passed over. */
function readPlaces(file: string): Set<string> {
  const lines = (ifThere(() => readFileSync(file, 'utf8')) ?? '').split('\n')
  return new Set(
    lines.flatMap(line => {
      try {
        return [String(JSON.parse(line))]
      } catch {
        return []
      }
    }),
  )
}
