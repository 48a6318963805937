/** `k8s-ha graph`: the tasks of a workflow and what needs what. */
import { loadWorkflow } from '../../engine/load/load-workflow.ts'
import { selectTasks } from '../../engine/workflow/select-tasks.ts'
import { ok } from '../../platform/result.ts'
import { type GraphFormat, graphFormats, renderGraph } from '../../report/render-graph.ts'
import type { CommandSpec } from '../command.ts'
import { openProject } from '../open-project.ts'
import { projectOptions } from '../project-options.ts'

const defaultFormat: GraphFormat = 'text'

export default {
  arguments: [{ name: '<flow>', description: 'its name, or a file that ends in .yaml or .yml', completes: 'flow' }],
  assignments: true,
  options: [
    ...projectOptions,
    { flags: '--format <format>', description: `how to draw it; else ${defaultFormat}`, choices: graphFormats },
  ],

  async run(invocation) {
    const opened = await openProject(invocation, invocation.args.slice(0, 1))
    if (!opened.ok) return opened
    const workflow = await loadWorkflow(opened.value.project, invocation.args[0] ?? '')
    if (!workflow.ok) return workflow
    const tasks = selectTasks(workflow.value, workflow.value.targets)
    const format = graphFormats.find(name => name === invocation.options.text('format')) ?? defaultFormat
    invocation.console.out(await renderGraph({ name: workflow.value.name, tasks }, format))
    return ok(0)
  },
} satisfies CommandSpec
