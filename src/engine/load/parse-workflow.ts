/** The slow way to a Workflow: read, parse, check and expand its files. Loaded only when the kept one is stale. */
import type { Digest } from '../../platform/digest.ts'
import type { Failure } from '../../platform/failure.ts'
import type { Project } from '../project.ts'
import { displayPath, reservedFolders } from '../workflow/project-path.ts'
import type { Workflow, WorkflowSummary } from '../workflow/workflow.ts'
import { type CollectedFile, collectFiles } from './collect-files.ts'
import { expandTasks } from './expand-tasks.ts'
import type { FoundWorkflow } from './find-workflow.ts'
import { linkTasks } from './link-tasks.ts'
import { collectParams, define, resolveParams } from './resolve-params.ts'
import { refuseSecretVariables } from './secret-variables.ts'
import { WorkflowFile } from './written/workflow-file.ts'

export interface ParsedWorkflow {
  readonly workflow: Workflow
  readonly files: readonly { readonly path: string; readonly digest: Digest }[]
  readonly absent: readonly string[]
}

export function parseWorkflow(
  project: Project,
  found: FoundWorkflow,
): ParsedWorkflow | { readonly failures: readonly Failure[] } {
  const { files, absent } = collectFiles(project.projectDir, found)
  const failuresSoFar = () => files.flatMap(({ file }) => file.failures)
  const { params, failures } = resolveParams(collectParams(files), project)
  // A file that is no YAML lacks its parameters and tasks, so what else is wrong would be said wrongly.
  if (files.some(({ file }) => file.isUnreadable)) return { failures: failuresSoFar() }
  const written = expandTasks({
    files,
    params:
      failures.length > 0
        ? [
            ...params,
            ...placeholders(
              files,
              params.map(({ name }) => name),
            ),
          ]
        : params,
    taskTypes: Object.keys(project.taskTypes),
    args: project.args ?? [],
    reserved: reservedPlaces(project, files),
  })
  refuseSecretVariables(files, project.secretVariables ?? [])
  const tasks = linkTasks(written)
  const all = [...failures, ...failuresSoFar().sort(byPlace)]
  if (all.length > 0) return { failures: all }
  const main = files[0]
  const workflow: Workflow = {
    name: found.name,
    ...(main?.file.raw.description === undefined ? {} : { description: main.file.raw.description }),
    file: (found.parts ?? [found]).map(({ path }) => displayPath(project.projectDir, path)).join(', '),
    params,
    tasks,
    targets: targetsOf(files, 0, written),
  }
  return { workflow, files: onDisk(files).map(({ path, digest }) => ({ path, digest })), absent }
}

export function summarize(
  project: Pick<Project, 'projectDir'>,
  found: FoundWorkflow,
  text: string,
): WorkflowSummary | { readonly failures: readonly Failure[] } {
  const file = new WorkflowFile(displayPath(project.projectDir, found.path), text)
  if (file.failures.length > 0) return { failures: file.failures }
  const params = Object.entries(file.raw.params ?? {}).map(([name, raw]) => define(name, raw ?? {}))
  const { description, group } = file.raw
  return {
    name: found.name,
    ...(description === undefined ? {} : { description }),
    ...(group === undefined ? {} : { group }),
    file: file.source.file,
    params,
  }
}

const onDisk = (files: readonly CollectedFile[]) => files.filter(({ path }) => path !== '')

/** In the order in which a reader meets them; the files stay in the order in which they were read. */
function byPlace(a: Failure, b: Failure): number {
  const [fileA, lineA = 0, columnA = 0] = splitPlace(a.at)
  const [fileB, lineB = 0, columnB = 0] = splitPlace(b.at)
  return fileA === fileB ? lineA - lineB || columnA - columnB : 0
}

function splitPlace(at = ''): [file: string, line?: number, column?: number] {
  const [, file = at, line, column] = /^(.*):(\d+):(\d+)$/.exec(at) ?? []
  return [file, Number(line), Number(column)]
}

/** A parameter whose value is refused has been reported; it is not undeclared as well. */
const placeholders = (files: readonly CollectedFile[], known: readonly string[]) =>
  collectParams(files)
    .filter(({ name }) => !known.includes(name))
    .map(definition => ({ ...definition, value: '', source: 'default' as const }))

/** What no task may own, as it is removed before the task runs. */
function reservedPlaces(project: Project, files: readonly CollectedFile[]): string[] {
  const own = onDisk(files)
    .map(({ path }) => displayPath(project.projectDir, path))
    .filter(path => !path.startsWith('/'))
  return [...reservedFolders(project), 'k8s-ha.yaml', ...(project.programFiles ?? []), ...own]
}

/** A file without tasks of its own has the targets of those that it includes. */
function targetsOf(
  files: readonly CollectedFile[],
  index: number,
  written: ReturnType<typeof expandTasks>,
  seen = new Set<number>(),
): string[] {
  const file = files[index]
  if (!file || seen.has(index)) return []
  seen.add(index)
  const own = written.filter(entry => entry.file === file.file).map(({ task }) => task.name)
  if (own.length > 0) return own
  return [...new Set(file.includes.flatMap(included => targetsOf(files, included, written, seen)))]
}
