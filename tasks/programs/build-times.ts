/** What the last build of a product took, kept in the cache folder, and from it how long a running one may still take. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { writeAtomically } from '../../src/platform/files.ts'
import { entriesOf } from '../../src/platform/folder-entries.ts'

const schema = v.strictObject({
  packages: v.number(),
  /** Seconds from the start until each twentieth of the packages was compiled. Linking comes after the last. */
  marks: v.pipe(v.array(v.number()), v.minLength(2)),
  totalSeconds: v.number(),
})
export type BuildTimes = v.InferOutput<typeof schema>

const parts = 20
/** Speeds may differ so much between two builds; beyond, the beginning of the running one says nothing. */
const slowest = 30

export const buildTimesDir = (cacheDir: string): string => join(cacheDir, 'build-times')
const fileOf = (cacheDir: string, build: string) => join(buildTimesDir(cacheDir), `${build}.json`)

export const keepBuildTimes = (cacheDir: string, build: string, times: BuildTimes): void =>
  writeAtomically(fileOf(cacheDir, build), `${JSON.stringify(times)}\n`)

/** `build`: "kubernetes-1.36". Of another version of the product when there is none of this one. */
export function lastBuildTimes(cacheDir: string, build: string): BuildTimes | undefined {
  const product = build.slice(0, build.indexOf('-') + 1)
  const others = entriesOf(buildTimesDir(cacheDir))
    .filter(name => name.startsWith(product))
    .map(name => join(buildTimesDir(cacheDir), name))
    .sort((one, other) => mtime(other) - mtime(one))
  return read(fileOf(cacheDir, build)) ?? others.map(read).find(times => times !== undefined)
}

const mtime = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0

function read(file: string): BuildTimes | undefined {
  try {
    const parsed = v.safeParse(schema, JSON.parse(readFileSync(file, 'utf8')))
    return parsed.success ? parsed.output : undefined
  } catch {
    return undefined
  }
}

/** Takes down when each twentieth of the packages was done. */
export class Marks {
  readonly #packages: number
  readonly #marks: number[] = [0]

  constructor(packages: number) {
    this.#packages = packages
  }

  done(packages: number, seconds: number): void {
    while (this.#marks.length <= parts && packages >= (this.#packages * this.#marks.length) / parts)
      this.#marks.push(seconds)
  }

  times(totalSeconds: number): BuildTimes {
    const last = this.#marks.at(-1) ?? 0
    const missing = Array.from({ length: parts + 1 - this.#marks.length }, () => last)
    return { packages: this.#packages, marks: [...this.#marks, ...missing], totalSeconds }
  }
}

export interface Standing {
  /** Parts of all packages, 0 to 1: when this build began, and now. An interrupted build goes on where it was. */
  readonly from: number
  readonly now: number
  readonly elapsedSeconds: number
}

/** Seconds that are left, by the last build and by how much faster or slower this one is. */
export function remainingSeconds(last: BuildTimes, { from, now, elapsedSeconds }: Standing): number {
  const passed = at(last, now) - at(last, from)
  const isTelling = passed > last.totalSeconds / 50 && elapsedSeconds > 0
  const ratio = isTelling ? Math.min(slowest, Math.max(1 / slowest, elapsedSeconds / passed)) : 1
  return Math.max(0, last.totalSeconds - at(last, now)) * ratio
}

/** When the last build was there. */
function at({ marks, totalSeconds }: BuildTimes, part: number): number {
  const place = part * (marks.length - 1)
  const before = marks[Math.floor(place)] ?? totalSeconds
  const after = marks[Math.ceil(place)] ?? totalSeconds
  return before + (after - before) * (place - Math.floor(place))
}

/** "about 12 min left", "less than a minute left". */
export const remainingText = (seconds: number): string =>
  seconds < 60 ? 'less than a minute left' : `about ${Math.round(seconds / 60)} min left`
