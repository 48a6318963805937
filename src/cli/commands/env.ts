/** `k8s-ha env`: every setting and every parameter of the workflows, its value, and where it came from. */
import { originOf } from '../../engine/load/given-value.ts'
import { listWorkflows, loadWorkflow } from '../../engine/load/load-workflow.ts'
import type { Project } from '../../engine/project.ts'
import type { Param } from '../../engine/workflow/workflow.ts'
import { ok } from '../../platform/result.ts'
import type { CommandSpec } from '../command.ts'
import { openProject } from '../open-project.ts'
import { projectOptions } from '../project-options.ts'
import { type Setting, shownValue } from '../settings.ts'

interface Row {
  readonly name: string
  readonly value: string
  readonly source: string
  readonly variables: readonly string[]
  readonly description: string
}

export default {
  details: 'Precedence: --set, environment, k8s-ha.yaml of the project, defaults.',
  options: [...projectOptions, { flags: '--json', description: 'one setting a line, as JSON' }],

  async run(invocation) {
    const opened = await openProject(invocation)
    if (!opened.ok) return opened
    const { project, settings } = opened.value
    const effective = { cacheDir: project.cacheDir }
    const params = await paramRows(project)
    const rows = [...[...settings.values()].map(setting => settingRow(setting, effective)), ...params]
    const json = invocation.options.flag('json')
    if (!json) invocation.console.err(`project ${project.projectDir}\n`)
    invocation.console.out(json ? rows.map(row => `${JSON.stringify(row)}\n`).join('') : renderTable(rows))
    return ok(0)
  },
} satisfies CommandSpec

function settingRow(setting: Setting, effective: { readonly cacheDir: string }): Row {
  const { definition, source, variable } = setting
  return {
    name: definition.name,
    value: definition.name === 'cacheDir' ? effective.cacheDir : shownValue(setting),
    source: originOf(source, variable),
    variables: definition.env,
    description: definition.description,
  }
}

/** Workflows may give one parameter different defaults: then it has a row for each. */
async function paramRows(project: Project): Promise<readonly Row[]> {
  const { workflows } = await listWorkflows(project)
  const rows = new Map<string, Row & { readonly flows: readonly string[] }>()
  for (const { name } of workflows) {
    // What --set names may be a parameter of another workflow only.
    const loaded = await loadWorkflow({ ...project, set: new Map() }, name)
    for (const param of loaded.ok ? loaded.value.params : []) {
      const row = paramRow(param, project.set?.get(param.name))
      const id = JSON.stringify([row.name, row.value, row.source])
      rows.set(id, { ...row, flows: [...(rows.get(id)?.flows ?? []), name] })
    }
  }
  return [...rows.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ flows, ...row }) => ({ ...row, description: `${row.description} (${flows.join(', ')})`.trim() }))
}

function paramRow(param: Param, set: string | undefined): Row {
  return {
    name: param.name,
    value: set ?? String(param.value),
    source: set === undefined ? originOf(param.source, param.variable) : originOf('set', undefined),
    variables: param.env,
    description: param.description ?? '',
  }
}

function renderTable(rows: readonly Row[]): string {
  const width = (cells: readonly string[]) => Math.min(40, Math.max(0, ...cells.map(cell => cell.length)))
  const [names, values, sources] = [
    width(rows.map(row => row.name)),
    width(rows.map(row => row.value)),
    width(rows.map(row => row.source)),
  ]
  const line = (row: Row) => {
    const others = row.variables.filter(variable => variable !== row.source)
    const text = [row.description, others.join(', ')].filter(Boolean).join(' · ')
    return `${row.name.padEnd(names)}  ${row.value.padEnd(values)}  ${row.source.padEnd(sources)}  ${text}`.trimEnd()
  }
  return rows.map(row => `${line(row)}\n`).join('')
}
