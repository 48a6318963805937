/** From a workflow's name or file to a Workflow, or to every error of its files at once. */
import { type Failure, together } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { readText } from '../../text/read-text.ts'
import type { Project } from '../project.ts'
import { displayPath } from '../workflow/project-path.ts'
import type { Workflow, WorkflowSummary } from '../workflow/workflow.ts'
import { findByName, findWorkflow, type WorkflowRequest, workflowNames } from './find-workflow.ts'
import { readKeptWorkflow, writeKeptWorkflow } from './kept-workflow.ts'

/** Failures are of kind `usage`, with `at` and `excerpt`; the second and later errors are in `also`. */
export async function loadWorkflow(
  project: Project,
  workflow: WorkflowRequest,
  options: { readonly keep?: boolean } = {},
): Promise<Result<Workflow>> {
  const found = findWorkflow(project.projectDir, workflow)
  if (!found.ok) return found
  const kept = readKeptWorkflow(project, found.value)
  if (kept) return ok(kept)
  const { parseWorkflow } = await import('./parse-workflow.ts')
  const parsed = parseWorkflow(project, found.value)
  if ('failures' in parsed) return fail(together(parsed.failures))
  if (options.keep) writeKeptWorkflow(project, found.value, parsed)
  return ok(parsed.workflow)
}

export interface ListedWorkflows {
  /** Sorted by name. */
  readonly workflows: readonly WorkflowSummary[]
  /** Why others of them cannot be listed. */
  readonly failures: readonly Failure[]
}

/** The workflows of workflows/. */
export async function listWorkflows(project: Pick<Project, 'projectDir'>): Promise<ListedWorkflows> {
  const { summarize } = await import('./parse-workflow.ts')
  const summaries: WorkflowSummary[] = []
  const failures: Failure[] = []
  for (const name of workflowNames(project.projectDir)) {
    const found = findByName(project.projectDir, name)
    if (!found?.ok) continue
    const { path } = found.value
    const text = readText(path, displayPath(project.projectDir, path), 'workflow')
    const summary = text.ok ? summarize(project, found.value, text.value) : { failures: [text.failure] }
    if ('failures' in summary) failures.push(...summary.failures)
    else summaries.push(summary)
  }
  return { workflows: summaries, failures }
}
