/** What `k8s-ha flow` without a name prints: the workflows in groups, a line each. */
import { listWorkflows } from '../../engine/load/load-workflow.ts'
import type { Project } from '../../engine/project.ts'
import type { WorkflowSummary } from '../../engine/workflow/workflow.ts'
import { together } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { clip, padColumns } from '../../report/terminal/columns.ts'
import { palette } from '../../report/terminal/palette.ts'
import type { Invocation } from '../command.ts'
import { withoutProject } from '../without-project.ts'

export async function listFlows(project: Project, invocation: Invocation): Promise<Result<number>> {
  const { console, options } = invocation
  const { workflows, failures } = await listWorkflows(project)
  // What can be listed is; then what is wrong with the others.
  const result = failures.length > 0 ? fail(together(failures)) : ok(0)
  if (options.flag('json')) {
    for (const workflow of workflows) console.out(`${JSON.stringify(workflow)}\n`)
    return result
  }
  const nowhere = withoutProject(invocation)
  if (nowhere !== undefined) console.err(`${nowhere}; these come with k8s-ha. k8s-ha init makes a project.\n\n`)
  const colors = palette(console.resultColor)
  const width = Math.max(...workflows.map(({ name }) => name.length))
  const room = console.resultColumns - width - 4
  for (const [group, members] of grouped(workflows)) {
    if (group !== '') console.out(`${colors.strong(group)}\n`)
    for (const { name, description = '' } of members)
      console.out(`  ${padColumns(name, width)}  ${clip(description, room)}`.trimEnd().concat('\n'))
  }
  if (workflows.length > 0)
    console.err('\nk8s-ha flow <name> runs one; k8s-ha flow <name> --help shows its parameters and tasks\n')
  else if (failures.length === 0)
    console.err(`No workflows in ${project.projectDir}/workflows; k8s-ha init writes one\n`)
  return result
}

/** Those without a group first, then groups by name. */
function grouped(workflows: readonly WorkflowSummary[]): readonly (readonly [string, readonly WorkflowSummary[]])[] {
  const groups = Map.groupBy(workflows, ({ group = '' }) => group)
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}
