/** What fetch-programs leaves for build-programs: which version it got, from where, and in which files. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'

/**
 * folder: programs of the user's own, which stay where they are. official: ready programs. modules, source: what they
 * are built from, and the root to build on. image: those that the VM image has.
 */
const schema = v.strictObject({
  version: v.string(),
  origin: v.picklist(['folder', 'official', 'modules', 'source', 'image']),
  /** The version that was wanted, when no place has it. */
  insteadOf: v.optional(v.string()),
  /** Where own programs are, and the SHA-256 of each: when one changes, they are copied again. */
  folder: v.optional(v.string()),
  programs: v.optional(v.record(v.string(), v.string())),
})

export type Chosen = v.InferOutput<typeof schema>
export type Origin = Chosen['origin']

/** In the folder that fetch-programs makes. */
export const parts = {
  chosen: 'chosen.json',
  programs: 'programs',
  modules: 'modules.tar.gz',
  source: 'source.tar.gz',
  root: 'root.tar.zst',
} as const

export const writeChosen = (folder: string, chosen: Chosen): Promise<void> =>
  writeFile(join(folder, parts.chosen), `${JSON.stringify(chosen)}\n`)

export const readChosen = async (folder: string): Promise<Chosen> =>
  v.parse(schema, JSON.parse(await readFile(join(folder, parts.chosen), 'utf8')))
