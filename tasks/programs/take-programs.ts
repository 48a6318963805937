/** Brings programs that were downloaded and verified to where a task's output has them. */
import { chmod, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { move } from '../../src/sandbox/move.ts'
import { architectureProblem } from './architecture.ts'
import { parts } from './chosen.ts'

export type Context = Pick<TaskContext<unknown>, 'cacheDir' | 'logDir' | 'signal' | 'progress'>

/** Program → its file, which is moved. What is wrong with one, and then none is there and each file is removed. */
export async function takePrograms(files: ReadonlyMap<string, string>, folder: string): Promise<string | undefined> {
  for (const [program, file] of files) {
    const problem = await architectureProblem(file, 'refuse')
    if (problem === undefined) continue
    for (const unusable of files.values()) await rm(unusable, { force: true })
    return `${program}: refused, ${problem}`
  }
  for (const [program, file] of files) {
    const target = join(folder, parts.programs, program)
    await mkdir(dirname(target), { recursive: true })
    const moved = await move(file, target)
    if (!moved.ok) return `${program}: ${moved.failure.message}`
    await chmod(target, 0o755)
  }
  return undefined
}
