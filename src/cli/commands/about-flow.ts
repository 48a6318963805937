/** What `k8s-ha flow <name> --help` prints: what it does, its parameters with their values, and its tasks. */
import { loadWorkflow } from '../../engine/load/load-workflow.ts'
import type { Project } from '../../engine/project.ts'
import { selectTasks } from '../../engine/workflow/select-tasks.ts'
import type { Param, Task } from '../../engine/workflow/workflow.ts'
import { ok, type Result } from '../../platform/result.ts'
import { clip, padColumns } from '../../report/terminal/columns.ts'
import { palette } from '../../report/terminal/palette.ts'
import type { Invocation } from '../command.ts'

export async function aboutFlow(project: Project, { args, console }: Invocation): Promise<Result<number>> {
  const loaded = await loadWorkflow(project, args)
  if (!loaded.ok) return loaded
  const { name, description, file, params, targets } = loaded.value
  const colors = palette(console.resultColor)
  const lines = [`${colors.strong(name)}  ${description ?? ''}`.trimEnd(), colors.quiet(file)]
  const section = (title: string, rows: readonly (readonly [string, string])[]) => {
    if (rows.length === 0) return
    const width = Math.max(...rows.map(([left]) => left.length))
    const room = Math.max(20, console.resultColumns - width - 4)
    lines.push('', colors.strong(title))
    for (const [left, right] of rows) lines.push(`  ${padColumns(left, width)}  ${clip(right, room)}`.trimEnd())
  }
  section('parameters, set by name=value', params.map(paramRow))
  section('tasks', selectTasks(loaded.value, targets).map(taskRow))
  lines.push('', 'k8s-ha flow --help shows the options')
  console.out(`${lines.join('\n')}\n`)
  return ok(0)
}

/** "family=IPv6", "one of IPv4, IPv6, dual · the family of …". */
function paramRow({ name, value, description, ...param }: Param): readonly [string, string] {
  const facts = [
    ...(param.enum ? [`one of ${param.enum.join(', ')}`] : []),
    ...(description === undefined ? [] : [description]),
    ...(param.env.length > 0 ? [`variable ${param.env.join(', ')}`] : []),
  ]
  return [`${name}=${value}`, facts.join(' · ')]
}

function taskRow({ name, description, needs, takesArgs }: Task): readonly [string, string] {
  const facts = [
    ...(description === undefined ? [] : [description]),
    ...(needs.length === 0 ? [] : [`needs ${needs.join(', ')}`]),
    ...(takesArgs ? ['takes what stands after --'] : []),
  ]
  return [name, facts.join(' · ')]
}
