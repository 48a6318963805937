/** Asks the places of a version one after the other until one has it, and remembers what each answered. */
import { rm } from 'node:fs/promises'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import type { Origin } from './chosen.ts'
import type { ProgramPlace } from './product.ts'

export interface Asked {
  /** The place that had it. */
  readonly place?: { readonly name: string; readonly origin: Origin }
  /** "official programs (https://…): HTTP status 403", of each place that did not. */
  readonly answers: readonly string[]
}

/** `folder` is made by the place that has it, and is not there otherwise. Throws when aborted. */
export async function askPlaces(
  places: readonly ProgramPlace[],
  folder: string,
  context: TaskContext<unknown>,
): Promise<Asked> {
  const answers: string[] = []
  for (const place of places) {
    context.progress(`trying ${place.name}`)
    const answer = await place.get(folder, {
      ...context,
      progress: text => context.progress(`${place.name} · ${text}`),
    })
    if (answer === undefined) return { place, answers }
    context.signal.throwIfAborted() // What it answered then says nothing about the place.
    await rm(folder, { recursive: true, force: true })
    answers.push(`${place.name}: ${answer}`)
    context.log(`${place.name}: ${answer}`)
  }
  return { answers }
}
