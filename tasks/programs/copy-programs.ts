/** Copies ready programs into a layer of VMs. */
import { constants } from 'node:fs'
import { chmod, copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { entriesOf } from '../../src/platform/folder-entries.ts'
import type { ProgramNames } from './program-names.ts'

/** How many. */
export async function copyPrograms(from: string, to: string, { needed, extra }: ProgramNames): Promise<number> {
  const there = entriesOf(from)
  const programs = [...needed, ...extra.filter(program => there.includes(program))]
  for (const program of programs) {
    await copyFile(join(from, program), join(to, program), constants.COPYFILE_FICLONE)
    await chmod(join(to, program), 0o755)
  }
  return programs.length
}
