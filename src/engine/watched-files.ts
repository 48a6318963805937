/** The files on which a run depends: a change of one is a reason to run again. */
import { type BigIntStats, globSync, realpathSync, statSync } from 'node:fs'
import { join, posix, relative, resolve } from 'node:path'
import picomatch from 'picomatch'
import { systemPath } from '../platform/file-names.ts'
import { isSystemError } from '../platform/system-error.ts'
import { Inputs } from './files/inputs.ts'
import { lstat } from './files/lstat.ts'
import { isWorkflowFile, type WorkflowRequest } from './load/find-workflow.ts'
import { loadWorkflow } from './load/load-workflow.ts'
import type { Project } from './project.ts'
import { OutputOwners } from './workflow/output-owners.ts'
import { displayPath, isInside, reservedFolders } from './workflow/project-path.ts'
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
  /** Names of the tasks that have one of these among their inputs. */
  readersOf(paths: readonly string[]): readonly string[]
}

/** A workflow that cannot be read depends on its files alone. */
export async function watchedFiles(
  project: Project,
  workflow: WorkflowRequest,
  only: readonly string[] | undefined,
): Promise<WatchedFiles> {
  const loaded = await loadWorkflow(project, workflow)
  const tasks = loaded.ok ? selectTasks(loaded.value, only ?? loaded.value.targets) : []
  const excluded = reservedFolders(project)
  const owners = new OutputOwners(tasks)
  const isMade = (path: string) => owners.of(path) !== undefined
  const files = [workflow].flat().filter(isWorkflowFile)
  const own = files.map(file => relative(project.projectDir, resolve(file)))
  const bases = tasks.flatMap(task =>
    task.inputs.filter(input => !input.startsWith('!')).map(input => picomatch.scan(input).base || '.'),
  )
  const near = [workflowsDir, ...own, ...bases].map(path => join(project.projectDir, path))
  const inputsByTask = () => {
    const inputs = new Inputs(project.projectDir, excluded, tasks)
    return tasks.map(task => {
      const found = readable(() => inputs.of(task))
      const files = found && 'files' in found ? found.files.filter(file => file.madeBy === undefined) : []
      return { task: task.name, paths: files.map(({ path }) => path) }
    })
  }
  const inputsNow = () => inputsByTask().flatMap(({ paths }) => paths)
  return {
    roots: [...new Set([...near, ...targetsOf(project.projectDir, inputsNow())])],
    isIgnored(path) {
      const shown = displayPath(project.projectDir, path)
      return excluded.some(folder => isInside(shown, folder)) || isMade(shown)
    },
    snapshot() {
      const workflows = globSync(`${workflowsDir}/**/*.{yaml,yml}`, { cwd: project.projectDir })
      const watched = new Set([...workflows, ...own, ...inputsNow()].filter(path => !isMade(path)))
      return new Map([...watched].map(path => [path, stateOf(project.projectDir, path)]))
    },
    readersOf(paths) {
      return inputsByTask().flatMap(one => (one.paths.some(path => paths.includes(path)) ? [one.task] : []))
    },
  }
}

/** Nothing where a folder may not be read: the run says so. */
function readable<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}

function stateOf(projectDir: string, path: string): string {
  const stat = lstat(projectDir, path)
  if (!stat) return 'not there'
  const behind = stat.isSymbolicLink() ? behindLink(projectDir, path) : undefined
  return textOf(stat) + (behind?.isFile() ? ` ${textOf(behind)}` : '')
}

const textOf = ({ ino, mode, size, mtimeNs }: BigIntStats): string => `${ino} ${mode} ${size} ${mtimeNs}`

function behindLink(projectDir: string, path: string): BigIntStats | undefined {
  try {
    return statSync(systemPath(join(projectDir, path)), { bigint: true, throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** Where links among the paths, or on the way to them, lead to; absolute: changes there are changes of inputs. */
function targetsOf(projectDir: string, paths: readonly string[]): readonly string[] {
  const root = realpathSync.native(projectDir)
  const isLink = (path: string) => lstat(projectDir, path)?.isSymbolicLink() ?? false
  const places = new Set(paths.flatMap(path => [posix.dirname(path), ...(isLink(path) ? [path] : [])]))
  return [...places].flatMap(place => {
    try {
      const real = realpathSync.native(systemPath(join(projectDir, place)), 'utf8')
      return real === join(root, place) ? [] : [real]
    } catch {
      return []
    }
  })
}

/** Sorted. */
export function changedPaths(before: Snapshot, after: Snapshot): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()])
  return [...paths].filter(path => before.get(path) !== after.get(path)).sort()
}
