/** Task type: an archive of a Debian root with given packages; the same packages give the same bytes. */
import { defineTaskType } from '../src/engine/workflow/task-type.ts'
import { usage } from '../src/platform/failure.ts'
import { fail } from '../src/platform/result.ts'
import { bootstrapRoot } from './roots/bootstrap-root.ts'
import { rootSchema } from './roots/root-schema.ts'

export default defineTaskType({
  name: 'make-root',
  description: 'An archive of a Debian root with given packages',
  schema: rootSchema,
  hostTools: ['mmdebstrap', 'mount', 'zstd'],
  requiresRoot: true,
  async run(context) {
    const [output] = context.outputs
    if (output === undefined) return fail(usage('The task type "make-root" needs one output: the archive to make'))
    return bootstrapRoot(context.with, output, context)
  },
})
