/** Whether a cluster can go from one version of a product to another: forwards, and no further than upstream supports. */
import type { Product } from '../programs/product.ts'

export interface Pair {
  readonly from: string
  readonly to: string
  /** How many minor versions may lie between both at most. */
  readonly apart: number
}

/** Undefined when it can. */
export function pairProblem({ name }: Pick<Product, 'name'>, { from, to, apart }: Pair): string | undefined {
  const [old, next] = [numbersOf(from), numbersOf(to)]
  const what = `Cannot go from ${name} ${from} to ${to}`
  const [order = 0] = old.map((number, index) => (next[index] ?? 0) - number).filter(difference => difference !== 0)
  if (order === 0) return `${what}: it is the same version`
  if (order < 0) return `${what}: that is an older version`
  if (old[0] !== next[0]) return `${what}: that is another major version`
  const minors = (next[1] ?? 0) - (old[1] ?? 0)
  if (minors <= apart) return undefined
  const most =
    apart === 1 ? 'one minor version at a time is supported' : `at most ${apart} minor versions may lie between`
  return `${what}: ${most}, and these are ${minors} apart`
}

/** "1.36.3-rc.1" → [1, 36, 3]. */
const numbersOf = (version: string): readonly number[] =>
  version
    .replace(/[-+].*/, '')
    .split('.')
    .map(Number)
