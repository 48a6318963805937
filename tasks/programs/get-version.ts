/** Gets a version of a product from the first place that has it; the default may be replaced, which is reported. */
import { mkdir } from 'node:fs/promises'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { environment, type Failure } from '../../src/platform/failure.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'
import { askPlaces } from './ask-places.ts'
import { type Chosen, writeChosen } from './chosen.ts'
import type { Meaning, PlaceOptions, Product } from './product.ts'

/** Makes the folder `output`. Resolves to the note for the summary: the place, and what those before it answered. */
export async function getVersion(
  product: Product,
  meaning: Meaning,
  { options, context }: { readonly options: PlaceOptions; readonly context: TaskContext<unknown> },
): Promise<Result<string>> {
  const [output = ''] = context.outputs
  const answers: string[] = []
  try {
    for (const version of [meaning.version, ...(meaning.otherwise === undefined ? [] : [meaning.otherwise])]) {
      const asked = await askPlaces(product.places(version, options), output, context)
      answers.push(...asked.answers)
      if (asked.place === undefined) continue
      const insteadOf = version === meaning.version ? {} : { insteadOf: meaning.version }
      await leaveChosen(output, { version, origin: asked.place.origin, ...insteadOf })
      const isOther = version !== meaning.version
      const instead = isOther ? ` INSTEAD OF ${meaning.version}, which no place has` : ''
      const got = `${titleOf(product, version)}${instead}`
      if (isOther) {
        context.log(`warning: ${got}`)
        context.onlyNow() // The next run may find what was wanted.
      }
      const warning = product.warning?.(version)
      if (warning !== undefined) context.log(`warning: ${warning}`)
      const notes = warning === undefined ? answers : [warning, ...answers]
      const from = asked.place.origin === 'image' ? '' : `: ${asked.place.name}`
      return ok([`${got}${from}`, ...notes].join(' · '))
    }
    return fail(notToBeHad(product, meaning.version, answers))
  } catch (error) {
    if (!context.signal.aborted) throw error
    return fail({ kind: 'interrupted', message: `Interrupted: getting ${product.name} ${meaning.version}` })
  }
}

const titleOf = ({ name }: Product, version: string): string =>
  version === 'image' ? `${name} of the VM image` : `${name} ${version}`

export async function leaveChosen(output: string, chosen: Chosen): Promise<void> {
  await mkdir(output, { recursive: true })
  await writeChosen(output, chosen)
}

const notToBeHad = (product: Product, version: string, answers: readonly string[]): Failure =>
  environment(`Cannot get ${product.name} ${version}: no place has it`, {
    last: answers.join('\n'),
    try: `--set ${product.parameter}=<folder with ${product.programs.needed.join(', ')}>, or another version`,
  })
