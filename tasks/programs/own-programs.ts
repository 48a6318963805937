/** Programs in a folder of the user's own. */
import { createHash } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { entriesOf } from '../../src/platform/folder-entries.ts'
import { architectureProblem } from './architecture.ts'
import type { ProgramNames } from './program-names.ts'

/** Why the folder cannot be used; undefined when it can. A program may be a script. */
export async function ownProgramsProblem(folder: string, { needed }: ProgramNames): Promise<string | undefined> {
  const missing: string[] = []
  for (const program of needed) await access(join(folder, program), constants.X_OK).catch(() => missing.push(program))
  if (missing.length > 0)
    return `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing or not executable`
  for (const program of needed) {
    const problem = await architectureProblem(join(folder, program), 'script')
    if (problem !== undefined) return `${program}: ${problem}`
  }
  return undefined
}

/** The SHA-256 of each. */
export async function ownPrograms(folder: string, { needed, extra }: ProgramNames): Promise<Record<string, string>> {
  const there = entriesOf(folder)
  const digests: Record<string, string> = {}
  for (const program of [...needed, ...extra].filter(name => there.includes(name))) {
    const hash = createHash('sha256')
    await pipeline(createReadStream(join(folder, program)), hash)
    digests[program] = hash.digest('hex')
  }
  return digests
}
