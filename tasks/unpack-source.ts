/** Task type: a source archive as a folder, without its top folder, with patches applied in the order of their names. */
import { mkdir } from 'node:fs/promises'
import { basename } from 'node:path'
import * as v from 'valibot'
import { defineTaskType, needOutput } from '../src/engine/workflow/task-type.ts'
import { failed, usage } from '../src/platform/failure.ts'
import { runChecked } from '../src/platform/processes/process.ts'
import { fail, ok } from '../src/platform/result.ts'

export default defineTaskType({
  name: 'unpack-source',
  description: 'A source archive as a folder, without its top folder; inputs that end in .patch are applied',
  /** archive: the need that fetched it. */
  schema: v.strictObject({ archive: v.string() }),
  hostTools: ['patch'],
  async run(context) {
    const { signal, inputs } = context
    const archive = needOutput(context, context.with.archive)
    if (!archive.ok) return archive
    const [folder] = context.outputs
    if (folder === undefined) return fail(usage('The task type "unpack-source" needs one output: the folder to make'))
    await mkdir(folder, { recursive: true })
    const strip = ['--strip-components=1', '--no-same-owner', '--no-same-permissions']
    const unpacked = await runChecked(['tar', '-xf', archive.value, '-C', folder, ...strip], { signal })
    if (!unpacked.ok) return unpacked
    const patches = inputs.filter(input => input.endsWith('.patch'))
    for (const [index, patch] of patches.entries()) {
      context.progress(`patch ${index + 1} of ${patches.length} · ${basename(patch)}`)
      const argv = [
        'patch',
        '--strip=1',
        '--forward',
        '--no-backup-if-mismatch',
        '--input',
        patch,
        '--directory',
        folder,
      ]
      const applied = await runChecked(argv, { signal })
      if (!applied.ok && signal.aborted) return applied
      if (!applied.ok)
        return fail(
          failed(`Cannot apply ${patch} to ${basename(archive.value)}: it does not fit`, {
            ...(applied.failure.last === undefined ? {} : { last: applied.failure.last }),
          }),
        )
    }
    return ok(
      patches.length === 0 ? undefined : `${patches.length} ${patches.length === 1 ? 'patch' : 'patches'} applied`,
    )
  },
})
