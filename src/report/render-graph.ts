/** Draws a workflow's tasks: as text, for Graphviz, for Mermaid, as JSON, or as a picture. */
import type { Action, Task } from '../engine/workflow/workflow.ts'
import { taskGraphSvg } from './task-graph-svg.ts'

export const graphFormats = ['text', 'dot', 'mermaid', 'json', 'svg'] as const
export type GraphFormat = (typeof graphFormats)[number]

export interface DrawnWorkflow {
  readonly name: string
  /** Every task before those that need it. */
  readonly tasks: readonly Task[]
}

export async function renderGraph(workflow: DrawnWorkflow, format: GraphFormat): Promise<string> {
  switch (format) {
    case 'text':
      return renderText(workflow)
    case 'dot':
      return renderDot(workflow)
    case 'mermaid':
      return renderMermaid(workflow)
    case 'json':
      return renderJson(workflow)
    case 'svg':
      return taskGraphSvg(workflow.tasks.map(drawn), { title: `Tasks of ${workflow.name}`, standalone: true })
  }
}

const drawn = ({ name, needs, after }: Task) => ({ name, needs, after })

function renderText({ tasks }: DrawnWorkflow): string {
  const width = Math.max(0, ...tasks.map(task => task.name.length))
  const line = (task: Task) => {
    const edges = [
      ...(task.needs.length > 0 ? [`needs ${task.needs.join(', ')}`] : []),
      ...(task.after.length > 0 ? [`after ${task.after.join(', ')}`] : []),
    ]
    const text = [...(task.description ? [task.description] : []), ...edges].join(' · ')
    return `${task.name.padEnd(width)}  ${text}`.trimEnd()
  }
  return tasks.map(task => `${line(task)}\n`).join('')
}

const dotText = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

function renderDot({ name, tasks }: DrawnWorkflow): string {
  const lines = [
    `digraph ${dotText(name)} {`,
    '  rankdir=LR;',
    '  node [shape=box];',
    ...tasks.map(task => `  ${dotText(task.name)}${task.cache ? '' : ' [style=rounded]'};`),
    ...tasks.flatMap(task => task.needs.map(need => `  ${dotText(need)} -> ${dotText(task.name)};`)),
    ...tasks.flatMap(task => task.after.map(other => `  ${dotText(other)} -> ${dotText(task.name)} [style=dashed];`)),
    '}',
  ]
  return `${lines.join('\n')}\n`
}

/** Mermaid takes entities for what would end a quoted label. */
const mermaidText = (text: string): string => text.replaceAll('&', '#amp;').replaceAll('"', '#quot;')

function renderMermaid({ tasks }: DrawnWorkflow): string {
  const ids = new Map(tasks.map((task, index) => [task.name, `t${index}`]))
  const edge = (from: string, arrow: string, to: Task) => `  ${ids.get(from)} ${arrow} ${ids.get(to.name)}`
  const lines = [
    'flowchart LR',
    ...tasks.map(task => `  ${ids.get(task.name)}["${mermaidText(task.name)}"]`),
    ...tasks.flatMap(task => task.needs.map(need => edge(need, '-->', task))),
    ...tasks.flatMap(task => task.after.map(other => edge(other, '-.->', task))),
  ]
  return `${lines.join('\n')}\n`
}

const actionText = (action: Action): string => (action.kind === 'uses' ? action.type : action.kind)

function renderJson({ name, tasks }: DrawnWorkflow): string {
  const nodes = tasks.map(task => ({
    name: task.name,
    ...(task.description === undefined ? {} : { description: task.description }),
    action: actionText(task.action),
    needs: task.needs,
    after: task.after,
    inputs: task.inputs,
    outputs: task.outputs,
    cache: task.cache,
    at: `${task.place.file}:${task.place.line}:${task.place.column}`,
  }))
  return `${JSON.stringify({ flow: name, tasks: nodes }, undefined, 2)}\n`
}
