/** Finds the project that a command works in, and its settings. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { taskTypes } from '../../tasks/registry.ts'
import { findByName, isWorkflowFile, workflowNames } from '../engine/load/find-workflow.ts'
import { readProjectSettings } from '../engine/load/project-settings.ts'
import type { Project } from '../engine/project.ts'
import { cacheProblem } from '../engine/store/cache-folder.ts'
import { type Failure, usage } from '../platform/failure.ts'
import { packageRoot } from '../platform/package-root.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import type { Invocation } from './command.ts'
import { parseSize } from './parse-size.ts'
import { programFiles, projectFolder } from './project-folder.ts'
import { knownSettings, resolveSettings, type Setting, secretVariables } from './settings.ts'
import { distrustOf } from './trust/distrust.ts'
import { ownedByOthers } from './trust/owned-by-others.ts'
import { withoutProject } from './without-project.ts'

export interface OpenProject {
  readonly project: Project
  readonly settings: ReadonlyMap<string, Setting>
}

interface OpenOptions {
  /** Only to ask what it is. */
  readonly anyOwner?: true
}

/** `workflows`: the names or files that the command is given, if it takes some. */
export async function openProject(
  invocation: Invocation,
  workflows: readonly string[] = [],
  options: OpenOptions = {},
): Promise<Result<OpenProject>> {
  const projectDir = projectFolder(invocation, workflows)
  if (!projectDir.ok) return projectDir
  const unknown = unknownOutside(invocation, workflows)
  if (unknown) return fail(unknown)
  const set = parseAssignments(invocation.options.list('set'))
  if (!set.ok) return set
  const written = await readProjectSettings(projectDir.value)
  if (!written.ok) return written
  const givers = { set: set.value, environment: invocation.environment, projectSettings: written.value }
  const settings = resolveSettings(givers)
  if (!settings.ok) return settings
  const fromSettings = settings.value.get('cacheDir')?.value || 'cache'
  const maxCacheBytes = parseSize(settings.value.get('cache.maxSize')?.value ?? '')
  const trusting = { projectDir: projectDir.value, settings: settings.value, environment: invocation.environment }
  const folders = { projectDir: projectDir.value, cacheDir: cacheDirOf(invocation, projectDir.value, fromSettings) }
  const stranger = options.anyOwner ? undefined : await ownedByOthers(trusting, folders.cacheDir)
  const problem = stranger ?? cacheProblem(folders)
  if (problem) return fail(problem)
  return ok({
    settings: settings.value,
    project: {
      ...folders,
      ...(maxCacheBytes === undefined ? {} : { maxCacheBytes }),
      ...givers,
      args: invocation.rest,
      knownSettings: knownSettings(givers),
      taskTypes,
      codeDigests: readCodeDigests(),
      taskSourceDir: join(packageRoot, 'tasks'),
      programFiles: programFiles(projectDir.value),
      secretVariables: secretVariables(settings.value),
      distrust: tasks => distrustOf(trusting, tasks),
    },
  })
}

function cacheDirOf({ options, cwd }: Invocation, projectDir: string, fromSettings: string): string {
  const asked = options.text('cacheDir')
  return asked === undefined ? resolve(projectDir, fromSettings) : resolve(cwd, asked)
}

/** Outside of a project only what comes with the program has a name. */
function unknownOutside(invocation: Invocation, workflows: readonly string[]): Failure | undefined {
  if (workflows.length === 0) return undefined
  const nowhere = withoutProject(invocation)
  const name = workflows.find(workflow => !isWorkflowFile(workflow) && !findByName(packageRoot, workflow))
  if (nowhere === undefined || name === undefined) return undefined
  const known = workflowNames(packageRoot)
  return usage(`Unknown workflow "${name}"${didYouMean(name, known)}`, {
    last: nowhere,
    try: 'k8s-ha init   makes a project here',
  })
}

function parseAssignments(texts: readonly string[]): Result<ReadonlyMap<string, string>> {
  const assignments = new Map<string, string>()
  for (const text of texts) {
    const at = text.indexOf('=')
    if (at < 1) return fail(usage(`Cannot set "${text}": it must be name=value`, { try: '--set family=IPv6' }))
    assignments.set(text.slice(0, at), text.slice(at + 1))
  }
  return ok(assignments)
}

/** Made by the build; empty when the program runs from its sources. */
function readCodeDigests(): Readonly<Record<string, string>> {
  try {
    const digests: unknown = JSON.parse(readFileSync(join(import.meta.dirname, 'task-digests.json'), 'utf8'))
    return Object.fromEntries(Object.entries(digests ?? {}).map(([type, digest]) => [type, String(digest)]))
  } catch {
    return {}
  }
}
