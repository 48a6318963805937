/** `k8s-ha runs`: the runs whose logs are kept, the latest last. */
import { ok } from '../platform/result.ts'
import type { CommandSpec } from './command.ts'
import { openProject } from './open-project.ts'
import { projectOptions } from './project-options.ts'

export default {
  options: [...projectOptions, { flags: '--json', description: 'one run a line, as JSON' }],
  async run(invocation) {
    const opened = await openProject(invocation)
    if (!opened.ok) return opened
    return ok(0)
  },
} satisfies CommandSpec
