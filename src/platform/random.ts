/** Random numbers that a seed decides: what went wrong can be made to go wrong again. */
import { createHash } from 'node:crypto'

/** Evenly from 0 up to 1, the same ones for the same seed. */
export function seededRandom(seed: number): () => number {
  let drawn = 0
  return () => {
    const digest = createHash('sha256').update(`${seed} ${drawn++}`).digest()
    return digest.readUInt32BE() / 2 ** 32
  }
}
