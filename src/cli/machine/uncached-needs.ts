/** What the machine must have for the tasks of a workflow that are sure to run. */
import type { WorkflowRequest } from '../../engine/load/find-workflow.ts'
import { loadWorkflow } from '../../engine/load/load-workflow.ts'
import type { Project } from '../../engine/project.ts'
import { selectTasks } from '../../engine/workflow/select-tasks.ts'
import { type MachineNeeds, needsOf } from './machine-needs.ts'

/** Tasks that are never cached run for sure: what they lack is better known before the long tasks start. */
export async function uncachedNeeds(
  project: Project,
  settings: ReadonlyMap<string, string>,
  { workflow, only }: { readonly workflow: WorkflowRequest; readonly only: readonly string[] },
): Promise<readonly MachineNeeds[]> {
  const loaded = await loadWorkflow(project, workflow)
  if (!loaded.ok) return []
  const selected = selectTasks(loaded.value, only.length === 0 ? loaded.value.targets : only)
  const uncached = selected.filter(task => !task.cache)
  const needs = uncached.map(async ({ name, action }) => {
    const load = action.kind === 'uses' ? project.taskTypes[action.type] : undefined
    return load ? [needsOf(name, (await load()).default, settings)] : []
  })
  return (await Promise.all(needs)).flat()
}
