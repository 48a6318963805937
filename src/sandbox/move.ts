/** Brings what was made in a scratch folder to its place in a project. */
import { chmod, lstat, mkdir, rename } from 'node:fs/promises'
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
    await renameAny(from, to)
    return done
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error
    const copied = await runChecked(['cp', '--archive', '--no-target-directory', '--', from, to])
    return copied.ok ? done : copied
  }
}

/** Also a folder that its owner, an ordinary user, may not write: to rename it changes its entry "..". */
async function renameAny(from: string, to: string): Promise<void> {
  const { mode } = await lstat(from)
  try {
    await rename(from, to)
  } catch (error) {
    if (codeOf(error) !== 'EACCES') throw error
    await chmod(from, mode | 0o700)
    await rename(from, to)
    await chmod(to, mode)
  }
}
