/** Says that the user is in no project, so that what comes with the program is taken. */
import type { Invocation } from './command.ts'
import { nearestProject } from './project-folder.ts'

/** Undefined in a project, and where one is named. */
export function withoutProject({ options, environment, cwd }: Invocation): string | undefined {
  if (options.text('project') || environment.K8S_HA_PROJECT || nearestProject(cwd) !== undefined) return undefined
  return `There is no project in ${cwd} or above (no k8s-ha.yaml, no workflows/)`
}
