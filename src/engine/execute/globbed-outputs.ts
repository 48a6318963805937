/** The files that the globs among a task's outputs match: whose they are, and how they are removed. */
import { type Failure, failed } from '../../platform/failure.ts'
import { placeText } from '../../text/source-text.ts'
import { clearGlobbed, globbedFiles } from '../files/output-files.ts'
import { globsAmong } from '../workflow/output-globs.ts'
import { OutputOwners } from '../workflow/output-owners.ts'
import type { Task, Workflow } from '../workflow/workflow.ts'
import type { RunContext } from './run-context.ts'

type In = Pick<RunContext, 'project' | 'selection'>

/** Now, without those that another task owns as well. */
export function ownGlobbedFiles(task: Task, { project, selection }: In): readonly string[] {
  return globbedFiles(project.projectDir, task.outputs).filter(
    file => otherOwner(task, file, selection.workflow) === undefined,
  )
}

/** Before the task runs, or when it failed. */
export function clearOwnGlobbed(task: Task, context: In): void {
  clearGlobbed(context.project.projectDir, task.outputs, ownGlobbedFiles(task, context))
}

/**
 * Files that two tasks of the workflow own: whether globs overlap can be known for many of them only by what they match.
 * `files`: what the task made, or would bring; default: what its globs match now.
 */
export function sharedFile(task: Task, { project, selection }: In, files?: readonly string[]): Failure | undefined {
  if (!globsAmong(task.outputs)) return undefined
  for (const file of files ?? globbedFiles(project.projectDir, task.outputs)) {
    const other = otherOwner(task, file, selection.workflow)
    if (other !== undefined)
      return failed(`Tasks "${task.name}" and "${other}" both own "${file}", by their outputs`, {
        at: placeText(task.place),
        try: `exclude it from the outputs of one of them: "!${file}"`,
      })
  }
  return undefined
}

const owners = new WeakMap<Workflow, OutputOwners>()

function otherOwner(task: Task, file: string, workflow: Workflow): string | undefined {
  const known = owners.get(workflow) ?? new OutputOwners(workflow.tasks)
  owners.set(workflow, known)
  for (const owner of known.all(file)) if (owner !== task.name) return owner
  return undefined
}
