/** From a workflow's name or file to a Workflow, or to every error of its files at once. */
import { failed } from '../platform/failure.ts'
import { fail, type Result } from '../platform/result.ts'
import type { Project } from './project.ts'
import type { Workflow, WorkflowSummary } from './workflow.ts'

/** Failures are of kind `usage`, with `at` and `excerpt`; the second and later errors are in `also`. */
export async function loadWorkflow(_project: Project, workflow: string): Promise<Result<Workflow>> {
  return fail(failed(`Cannot load "${workflow}": to be written`))
}

/** The workflows of workflows/, sorted by name; a file that does not parse is a failure. */
export async function listWorkflows(
  _project: Pick<Project, 'projectDir'>,
): Promise<Result<readonly WorkflowSummary[]>> {
  return fail(failed('Cannot list: to be written'))
}
