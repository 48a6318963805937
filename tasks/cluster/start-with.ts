/** What a task that starts a cluster is given. */
import * as v from 'valibot'
import { roles } from '../../src/cluster/spec.ts'
import { stepsSchema } from '../../src/ha/scenario/steps.ts'

export const startWith = v.strictObject({
  /** Names the cluster for the tasks that use it, and on the command line. */
  cluster: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and hyphens')),
  /** The need that made its overlay, which is the topmost layer of the VMs' root. */
  overlay: v.string(),
  /** What lies below, the topmost first: needs that made a root archive or a folder, or paths in the project. */
  layers: v.pipe(v.array(v.string()), v.minLength(1)),
  /** Boots only the VMs that have one of these roles. */
  roles: v.optional(v.array(v.picklist(roles, issue => `there is no role ${issue.received}: ${roles.join(', ')}`))),
  /** What must hold before others use the cluster, and what makes it so. */
  steps: v.optional(stepsSchema),
  /** The cluster outlives the run. Otherwise a clean-up task removes it. */
  stays: v.optional(v.boolean(), false),
})

export type StartWith = v.InferOutput<typeof startWith>
