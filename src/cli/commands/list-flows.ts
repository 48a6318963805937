/** What `k8s-ha flow` without a name prints: the workflows, what they do, and their parameters. */
import { listWorkflows } from '../../engine/load/load-workflow.ts'
import type { Project } from '../../engine/project.ts'
import type { ParamDefinition } from '../../engine/workflow/workflow.ts'
import { together } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { palette } from '../../report/terminal/palette.ts'
import type { Invocation } from '../command.ts'

export async function listFlows(project: Project, { console, options }: Invocation): Promise<Result<number>> {
  const { workflows, failures } = await listWorkflows(project)
  // What can be listed is; then what is wrong with the others.
  const result = failures.length > 0 ? fail(together(failures)) : ok(0)
  if (options.flag('json')) {
    for (const workflow of workflows) console.out(`${JSON.stringify(workflow)}\n`)
    return result
  }
  const colors = palette(console.color && process.stdout.isTTY === true)
  const width = Math.max(...workflows.map(workflow => workflow.name.length))
  for (const { name, description, params } of workflows) {
    console.out(`${colors.strong(name.padEnd(width))}  ${description ?? ''}\n`)
    for (const param of params) console.out(`${' '.repeat(width + 4)}${colors.quiet(paramLine(param))}\n`)
  }
  if (workflows.length === 0 && failures.length === 0) console.err(`No workflows in ${project.projectDir}/workflows\n`)
  return result
}

/** "family=IPv4  one of IPv4, IPv6, dual · the family of … · xcluster_BASE_FAMILY" */
function paramLine(param: ParamDefinition): string {
  const facts = [
    ...(param.enum ? [`one of ${param.enum.join(', ')}`] : []),
    ...(param.description ? [param.description] : []),
    ...(param.env.length > 0 ? [`variable ${param.env.join(', ')}`] : []),
  ]
  const given = param.default === undefined ? `${param.name}=…` : `${param.name}=${param.default}`
  return facts.length === 0 ? given : `${given}  ${facts.join(' · ')}`
}
