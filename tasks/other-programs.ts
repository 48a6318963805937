/** Task type: programs of a second version as a layer, in a folder of their own, so that they do not run by themselves. */
import { chmod, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import { defineTaskType, needOutput } from '../src/engine/workflow/task-type.ts'
import { usage } from '../src/platform/failure.ts'
import { entriesOf } from '../src/platform/folder-entries.ts'
import { fail, ok } from '../src/platform/result.ts'
import { programFolder } from './kubernetes/program-files.ts'
import { copyPrograms } from './programs/copy-programs.ts'

/** Where overlay/usr/lib/k8s-ha/versions looks for them. */
const folderOnVm = 'usr/lib/k8s-ha/other'

export default defineTaskType({
  name: 'other-programs',
  description: 'programs of a second version as a layer of VMs, beside those that run',
  /** The needs that provided them: tasks of the type build-programs. */
  schema: v.strictObject({ programs: v.pipe(v.array(v.string()), v.minLength(1)) }),
  async run(context) {
    const [output] = context.outputs
    if (output === undefined) return fail(usage('The task type "other-programs" needs one output: the folder to make'))
    const folder = join(output, folderOnVm)
    await mkdir(folder, { recursive: true })
    // See program-files.ts.
    for (let part = folder; part !== dirname(output); part = dirname(part)) await chmod(part, 0o755)
    let count = 0
    for (const need of context.with.programs) {
      const provided = needOutput(context, need)
      if (!provided.ok) return provided
      const from = programFolder(provided.value)
      count += await copyPrograms(from, folder, { needed: entriesOf(from), extra: [] })
    }
    return ok(`${count} programs`)
  },
})
