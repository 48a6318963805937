/** What may stand where an argument is named: flows, tasks, parameters and their values, runs, VMs. */
import { join } from 'node:path'
import { runNames } from '../../engine/event-log.ts'
import { listWorkflows, loadWorkflow } from '../../engine/load/load-workflow.ts'
import { runsDir } from '../../engine/store/cache-layout.ts'
import { TaskLogs } from '../../engine/task-logs.ts'
import { entriesOf } from '../../platform/folder-entries.ts'
import type { Completes } from '../command.ts'
import type { OpenProject } from '../open-project.ts'
import { settingDefinitions } from '../settings.ts'

export interface Candidate {
  readonly value: string
  readonly description?: string
}

export interface Asked {
  readonly opened: OpenProject
  /** Arguments before it. */
  readonly before: readonly string[]
  /** What is typed of it. */
  readonly typed: string
}

/** Those that the shell knows itself. */
const files: readonly Candidate[] = [{ value: ':files' }]
const folders: readonly Candidate[] = [{ value: ':folders' }]

export async function candidatesFor(kind: Completes, asked: Asked): Promise<readonly Candidate[]> {
  const { project } = asked.opened
  switch (kind) {
    case 'flow':
      return /[/.]/.test(asked.typed) ? files : (await listWorkflows(project)).workflows.map(summaryOf)
    case 'task':
      return tasksOf(asked)
    case 'set':
      return [...(await params(asked)), ...(asked.typed.includes('=') ? [] : settings)]
    case 'param':
      return params(asked)
    case 'run':
      return runNames(runsDir(project.cacheDir))
        .toReversed()
        .map(value => ({ value }))
    case 'logged':
      return logged(asked)
    case 'vm':
      return vms(asked)
    case 'cluster':
      return clusterNames(asked).map(value => ({ value }))
    case 'shell':
      return ['bash', 'zsh', 'fish'].map(value => ({ value }))
    case 'file':
      return files
    case 'folder':
      return folders
  }
}

const settings: readonly Candidate[] = settingDefinitions.map(({ name, description }) => ({
  value: `${name}=`,
  description,
}))

const summaryOf = ({ name, description }: { readonly name: string; readonly description?: string }): Candidate => ({
  value: name,
  ...(description === undefined ? {} : { description }),
})

async function flowOf({ opened, before }: Asked) {
  const flows = before.filter(word => !word.includes('='))
  const loaded = flows.length === 0 ? undefined : await loadWorkflow(opened.project, flows)
  return loaded?.ok ? loaded.value : undefined
}

/** A matrix has its own name, too. */
async function tasksOf(asked: Asked): Promise<readonly Candidate[]> {
  const flow = await flowOf({ ...asked, before: asked.before.slice(0, 1) })
  const tasks = (flow?.tasks ?? []).map(summaryOf)
  const bases = new Set(tasks.flatMap(({ value }) => (value.includes('[') ? [value.replace(/\[.*$/, '')] : [])))
  return [...[...bases].map(value => ({ value, description: 'all of its matrix' })), ...tasks]
}

/** `name=`, and after that its values. */
async function params(asked: Asked): Promise<readonly Candidate[]> {
  const defined = (await flowOf(asked))?.params ?? []
  const at = asked.typed.indexOf('=')
  if (at === -1) {
    return defined.map(({ name, description = '' }) => ({ value: `${name}=`, description }))
  }
  const name = asked.typed.slice(0, at)
  const param = defined.find(one => one.name === name)
  const values = param?.enum ?? (typeof param?.default === 'boolean' ? [true, false] : [])
  return values.map(value => ({ value: `${name}=${value}` }))
}

function logged({ opened, before }: Asked): readonly Candidate[] {
  const logs = new TaskLogs(runsDir(opened.project.cacheDir))
  const [run] = before
  if (run !== undefined) return logs.tasks(run).map(value => ({ value }))
  return [...logs.tasks(), ...logs.runs.toReversed()].map(value => ({ value }))
}

const clusterNames = ({ opened }: Asked): readonly string[] =>
  entriesOf(join(opened.project.projectDir, 'cache/clusters'))

async function vms(asked: Asked): Promise<readonly Candidate[]> {
  const { clustersDirOf } = await import('../../lifecycle/clusters-dir.ts')
  const { readDescription } = await import('../../lifecycle/cluster-description.ts')
  const folder = clustersDirOf(asked.opened.project.projectDir)
  return clusterNames(asked).flatMap(name => {
    const described = readDescription(join(folder, name))
    return described.ok ? Object.keys(described.value.vmDigests).map(value => ({ value, description: name })) : []
  })
}
