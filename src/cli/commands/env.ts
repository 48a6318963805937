/** `k8s-ha env`: every setting and every parameter of the workflows, its value, and where it came from. */
import { originOf } from '../../engine/load/given-value.ts'
import { listWorkflows, loadWorkflow } from '../../engine/load/load-workflow.ts'
import type { Project } from '../../engine/project.ts'
import type { Param } from '../../engine/workflow/workflow.ts'
import { ok } from '../../platform/result.ts'
import { clip, padColumns } from '../../report/terminal/columns.ts'
import { palette } from '../../report/terminal/palette.ts'
import type { CommandSpec, Invocation } from '../command.ts'
import { openProject } from '../open-project.ts'
import { projectOptions } from '../project-options.ts'
import { type Setting, shownValue } from '../settings.ts'

interface Row {
  readonly name: string
  readonly value: string
  readonly source: string
  readonly variables: readonly string[]
  readonly description: string
  /** Of a parameter: the workflows where it has this value. */
  readonly flows?: readonly string[]
}

/** Longer values would push all others out of sight. */
const widestValue = 40

export default {
  details: 'Precedence: --set, environment, k8s-ha.yaml of the project, defaults. "*" marks what is not the default.',
  options: [...projectOptions, { flags: '--json', description: 'one setting a line, as JSON' }],

  async run(invocation) {
    const opened = await openProject(invocation)
    if (!opened.ok) return opened
    const { project, settings } = opened.value
    const rows = [...settings.values()].map(setting => settingRow(setting, project.cacheDir))
    const params = await paramRows(project)
    const { console } = invocation
    if (invocation.options.flag('json')) {
      console.out([...rows, ...params].map(row => `${JSON.stringify(row)}\n`).join(''))
      return ok(0)
    }
    console.err(`project ${project.projectDir}\n`)
    for (const [title, section] of sections(rows, params)) console.out(renderSection(title, section, console))
    return ok(0)
  },
} satisfies CommandSpec

function settingRow(setting: Setting, cacheDir: string): Row {
  const { definition, source, variable } = setting
  return {
    name: definition.name,
    value: definition.name === 'cacheDir' ? cacheDir : shownValue(setting),
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
  return [...rows.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
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

/** Settings of one subject together; parameters that are the same in all their workflows, then those that are not. */
function sections(settings: readonly Row[], params: readonly Row[]): readonly (readonly [string, readonly Row[]])[] {
  const subject = ({ name }: Row): string =>
    /^cache/.test(name) ? 'Cache' : name.startsWith('pools.') ? 'Pools' : 'General'
  const bySubject = Map.groupBy(settings, subject)
  const counts = Map.groupBy(params, ({ name }) => name)
  const differs = ({ name }: Row) => (counts.get(name)?.length ?? 0) > 1
  const named = ['General', 'Cache', 'Pools'].map(title => [title, bySubject.get(title) ?? []] as const)
  return [
    ...named,
    ['Parameters of workflows', params.filter(row => !differs(row)).map(({ flows: _, ...row }) => row)],
    ['Parameters that differ between workflows', params.filter(differs)],
  ]
}

const sourceOf = ({ source }: Row): string => (source === 'default' ? '' : source)

function renderSection(
  title: string,
  rows: readonly Row[],
  { resultColor, resultColumns }: Invocation['console'],
): string {
  if (rows.length === 0) return ''
  const colors = palette(resultColor)
  const width = (texts: readonly string[], most = Number.POSITIVE_INFINITY) =>
    Math.min(most, Math.max(...texts.map(text => text.length)))
  const names = width(rows.map(row => row.name))
  const values = width(
    rows.map(row => row.value || '-'),
    widestValue,
  )
  const sources = width(rows.map(sourceOf))
  const lines = rows.map(row => {
    const isSet = row.source !== 'default'
    const facts = [
      ...(row.flows ? [`in ${row.flows.join(', ')}`] : []),
      ...(row.description === '' ? [] : [row.description]),
      ...row.variables.filter(variable => variable !== row.source).map(variable => `$${variable}`),
    ]
    const value = padColumns(row.value || '-', values)
    const source = sources === 0 ? '' : `  ${padColumns(sourceOf(row), sources)}`
    const head = `${isSet ? '*' : ' '} ${padColumns(row.name, names)}  ${value}${source}`
    const text = clip(facts.join(' · '), Math.max(20, resultColumns - head.length - 2))
    return `${isSet ? colors.strong(head) : head}  ${colors.quiet(text)}`.trimEnd()
  })
  return `${colors.strong(title)}\n${lines.join('\n')}\n\n`
}
