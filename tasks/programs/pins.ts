/** The Go modules that a version is built from, pinned: <modules>/<minor>/go.mod and go.sum (scripts/pin-modules.ts). */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { foldersIn } from '../../src/platform/folder-entries.ts'
import { isBefore, minorOf } from './product.ts'

export interface Pins {
  /** The folder with go.mod and go.sum, absolute. */
  readonly folder: string
  /** The version of the product that they build. */
  readonly version: string
  /** The Go that go.mod asks for: "1.26". */
  readonly go: string
  /** How many modules are downloaded. */
  readonly count: number
}

export function pinsOf(modules: string, minor: string, module: string): Pins | undefined {
  const folder = join(modules, minor)
  if (!existsSync(join(folder, 'go.sum'))) return undefined
  const mod = readFileSync(join(folder, 'go.mod'), 'utf8')
  const words = mod.split('\n').map(line => line.replace('require ', '').trim().split(/\s+/))
  const version = words.find(([name, given]) => name === module && given?.startsWith('v'))?.[1]?.slice(1)
  const [, go] = /^go (\d+\.\d+)/m.exec(mod) ?? []
  if (version === undefined || go === undefined) return undefined
  const sums = readFileSync(join(folder, 'go.sum'), 'utf8').split('\n')
  const count = sums.filter(line => /^\S+ \S+ h1:/.test(line) && !line.includes('/go.mod ')).length
  return { folder, version, go, count }
}

/** Every version that is pinned, the oldest first. */
export const pinnedVersions = (modules: string, module: string): readonly string[] =>
  foldersIn(modules)
    .flatMap(minor => pinsOf(modules, minor, module)?.version ?? [])
    .sort((one, other) => (isBefore(minorOf(one), minorOf(other)) ? -1 : 1))
