/** The files on which a run depends: a change of one is a reason to run again. */
import { globSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import picomatch from 'picomatch'
import { Inputs } from './files/inputs.ts'
import { lstat } from './files/lstat.ts'
import { isWorkflowFile } from './load/find-workflow.ts'
import { loadWorkflow } from './load/load-workflow.ts'
import type { Project } from './project.ts'
import { displayPath, isInside, reservedFolders, upwards } from './workflow/project-path.ts'
import { selectTasks } from './workflow/select-tasks.ts'

const workflowsDir = 'workflows'

/** By path, relative to the project: what the disk says of it. */
export type Snapshot = ReadonlyMap<string, string>

export interface WatchedFiles {
  /** Where changes may come from: files and folders, absolute. */
  readonly roots: readonly string[]
  /** Of an absolute path: nothing there is an input. */
  isIgnored(path: string): boolean
  /** Inputs that no task makes, and the workflow files, as they are now. */
  snapshot(): Snapshot
}

/** A workflow that cannot be read depends on its files alone. */
export async function watchedFiles(
  project: Project,
  workflow: string,
  only: readonly string[] | undefined,
): Promise<WatchedFiles> {
  const loaded = await loadWorkflow(project, workflow)
  const tasks = loaded.ok ? selectTasks(loaded.value, only ?? loaded.value.targets) : []
  const excluded = reservedFolders(project)
  const outputs = new Set(tasks.flatMap(task => task.outputs))
  const isMade = (path: string) => [...upwards(path)].some(folder => outputs.has(folder))
  const own = isWorkflowFile(workflow) ? [relative(project.projectDir, resolve(workflow))] : []
  const bases = tasks.flatMap(task =>
    task.inputs.filter(input => !input.startsWith('!')).map(input => picomatch.scan(input).base || '.'),
  )
  return {
    roots: [...new Set([workflowsDir, ...own, ...bases])].map(path => join(project.projectDir, path)),
    isIgnored(path) {
      const shown = displayPath(project.projectDir, path)
      return excluded.some(folder => isInside(shown, folder)) || isMade(shown)
    },
    snapshot() {
      const inputs = new Inputs(project.projectDir, excluded, tasks)
      const workflows = globSync(`${workflowsDir}/**/*.yaml`, { cwd: project.projectDir })
      const paths = tasks.flatMap(task => {
        const found = inputs.of(task)
        return 'files' in found ? found.files.filter(file => file.madeBy === undefined).map(file => file.path) : []
      })
      const watched = new Set([...workflows, ...own, ...paths].filter(path => !isMade(path)))
      return new Map([...watched].map(path => [path, stateOf(project.projectDir, path)]))
    },
  }
}

function stateOf(projectDir: string, path: string): string {
  const stat = lstat(projectDir, path)
  return stat ? `${stat.ino} ${stat.mode} ${stat.size} ${stat.mtimeNs}` : 'not there'
}

/** Sorted. */
export function changedPaths(before: Snapshot, after: Snapshot): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()])
  return [...paths].filter(path => before.get(path) !== after.get(path)).sort()
}
