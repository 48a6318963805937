/** Task type: an archive of a Debian root with given packages; the same packages give the same bytes. */
import * as v from 'valibot'
import { defineTaskType } from '../src/engine/workflow/task-type.ts'
import { usage } from '../src/platform/failure.ts'
import { fail } from '../src/platform/result.ts'
import { bootstrapRoot } from './roots/bootstrap-root.ts'

const name = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.+-]*$/, 'a name in lower case'))

export default defineTaskType({
  name: 'make-root',
  description: 'An archive of a Debian root with given packages',
  /** "trixie-backports" is trixie, with packages from its backports where trixie has none of that name. */
  schema: v.strictObject({ suite: name, packages: v.array(name) }),
  hostTools: ['mmdebstrap', 'mount', 'zstd'],
  requiresRoot: true,
  async run(context) {
    const [output] = context.outputs
    if (output === undefined) return fail(usage('The task type "make-root" needs one output: the archive to make'))
    return bootstrapRoot(context.with, output, context)
  },
})
