/** What follows from something, directly or not. */

/** The beginnings and all that `next` leads to from them, each once; circles end it no less. */
export function reachable<T>(from: Iterable<T>, next: (one: T) => Iterable<T>): Set<T> {
  const found = new Set(from)
  const open = [...found]
  for (let one = open.pop(); one !== undefined; one = open.pop())
    for (const further of next(one)) {
      if (found.has(further)) continue
      found.add(further)
      open.push(further)
    }
  return found
}
