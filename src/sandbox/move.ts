/** Brings what was made in a scratch folder to its place in a project. */
import { mkdir, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf } from '../platform/files.ts'
import { runChecked } from '../platform/processes/process.ts'
import { done, type Result } from '../platform/result.ts'
import { dropSpecialBits } from './special-bits.ts'

/**
 * A file, a link or a folder, to where nothing is. Cache and project may be on different disks, or on different mounts of
 * one: then the kernel refuses to rename (EXDEV), and it is copied with all that it has. What is left at `from` then goes
 * with the scratch folder.
 */
export async function move(from: string, to: string): Promise<Result<void>> {
  await dropSpecialBits(from)
  await mkdir(dirname(to), { recursive: true })
  try {
    await rename(from, to)
    return done
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error
    const copied = await runChecked(['cp', '--archive', '--no-target-directory', '--', from, to])
    return copied.ok ? done : copied
  }
}
