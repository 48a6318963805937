/** The test files, by level: what needs no cluster, and what starts real ones. */
import { globSync } from 'node:fs'

export interface Levels {
  readonly quick: readonly string[]
  readonly clusters: readonly string[]
}

export interface Wanted {
  /** Beginnings of paths; none: all files. */
  readonly selected: readonly string[]
  /** Only what needs no cluster. */
  readonly quick: boolean
}

export function findLevels(root: string, { selected, quick }: Wanted): Levels {
  const all = globSync('tests/**/*.test.ts', { cwd: root }).sort()
  const wanted = all.filter(file => selected.length === 0 || selected.some(name => file.startsWith(name)))
  const isCluster = (file: string) => file.startsWith('tests/cluster/')
  return { quick: wanted.filter(file => !isCluster(file)), clusters: quick ? [] : wanted.filter(isCluster) }
}
