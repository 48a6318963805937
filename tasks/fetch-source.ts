/** Task type: a source archive, pinned by its SHA-256, from the first place that has it. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import * as v from 'valibot'
import { defineTaskType, type TaskContext } from '../src/engine/workflow/task-type.ts'
import { failed, usage } from '../src/platform/failure.ts'
import { fail, ok, type Result } from '../src/platform/result.ts'
import { bytesOf, type Place, placesOf } from './sources/places.ts'
import { findSourceArchive, type SourceArchive, sourceArchives } from './sources/source-archive.ts'

const schema = v.strictObject({ source: v.string(), version: v.string() })
type Context = TaskContext<v.InferOutput<typeof schema>>

export default defineTaskType({
  name: 'fetch-source',
  description: 'A source archive, pinned by its SHA-256, from the first place that has it',
  schema,
  async run(context) {
    const { source, version } = context.with
    const archive = findSourceArchive(source, version)
    if (archive === undefined) return fail(unknownSource(source, version))
    const places = placesOf(archive, context.settings.get('archive'), context.signal)
    return fetchFrom(places, archive, context)
  },
})

/** Exported for tests, which bring places of their own. */
export async function fetchFrom(
  places: AsyncIterable<Place> | Iterable<Place>,
  archive: SourceArchive,
  context: Pick<Context, 'outputs' | 'signal' | 'progress' | 'log'>,
): Promise<Result<string>> {
  const [target] = context.outputs
  if (target === undefined) return fail(usage('The task type "fetch-source" needs one output: the file to make'))
  const partial = `${target}.part`
  const seen: string[] = []
  try {
    for await (const place of places) {
      context.progress(`trying ${place.name}`)
      const problem = await tryPlace(place, partial, archive, context)
      if (problem === undefined) {
        await rename(partial, target)
        return ok(`${bytesOf((await stat(target)).size, undefined)} from ${place.name}`)
      }
      if (problem.startsWith(wrongContent)) context.log(`warning: ${place.name}: ${problem}\n`)
      seen.push(`${place.name}: ${problem}`)
      await rm(partial, { force: true })
    }
  } catch (error) {
    if (!context.signal.aborted) throw error
    return fail({ kind: 'interrupted', message: `Interrupted: fetching ${archive.fileNames[0]}` })
  } finally {
    await rm(partial, { force: true })
  }
  return fail(
    failed(`Cannot fetch ${archive.name} ${archive.version}: no place has the right file`, {
      last: seen.join('\n'),
      try: `put ${archive.fileNames[0]} (SHA-256 ${archive.sha256}) into ~/Downloads, or into a folder that ARCHIVE names`,
    }),
  )
}

const wrongContent = 'refused, its SHA-256 is'

async function tryPlace(
  place: Place,
  partial: string,
  archive: SourceArchive,
  context: Pick<Context, 'signal' | 'progress'>,
): Promise<string | undefined> {
  const progress = (text: string) => context.progress(`${text} · ${place.name}`)
  const problem = await place.get(partial, { signal: context.signal, progress })
  if (problem !== undefined) return problem
  const hash = createHash('sha256')
  await pipeline(createReadStream(partial), hash)
  const actual = hash.digest('hex')
  return actual === archive.sha256 ? undefined : `${wrongContent} ${actual}, not ${archive.sha256}`
}

function unknownSource(source: string, version: string) {
  const versions = sourceArchives.filter(archive => archive.name === source).map(archive => archive.version)
  return versions.length > 0
    ? usage(`No source of ${source} ${version} is known: there are ${versions.join(', ')}`)
    : usage(
        `No source "${source}" is known: there are ${[...new Set(sourceArchives.map(({ name }) => name))].join(', ')}`,
      )
}
