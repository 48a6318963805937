/** Kubernetes' programs from a folder of the user's own. */
import { constants } from 'node:fs'
import { access, chmod, copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { usage } from '../../src/platform/failure.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'
import { programs } from './build-script.ts'
import { makeProgramFolder } from './program-files.ts'

export async function copyOwn(context: Pick<TaskContext<unknown>, 'outputs'>, folder: string): Promise<Result<string>> {
  const missing: string[] = []
  for (const program of programs) await access(join(folder, program), constants.X_OK).catch(() => missing.push(program))
  if (missing.length > 0)
    return fail(
      usage(
        `Cannot use the programs in "${folder}": ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing or not executable`,
      ),
    )
  const target = await makeProgramFolder(context.outputs[0] ?? '')
  for (const program of programs) {
    await copyFile(join(folder, program), join(target, program), constants.COPYFILE_FICLONE)
    await chmod(join(target, program), 0o755)
  }
  return ok(`${programs.length} programs from ${folder}`)
}
