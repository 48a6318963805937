/** A parsed workflow, kept until a file that it came from, a parameter's value or the program itself changes. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '../../platform/digest.ts'
import { decrypted, encrypted } from '../../platform/encrypted.ts'
import { readSealed, writeSealed } from '../../platform/files.ts'
import { variableOf } from '../../platform/variable-of.ts'
import type { Project } from '../project.ts'
import { projectStateDir } from '../store/cache-layout.ts'
import type { Workflow } from '../workflow/workflow.ts'
import type { FoundWorkflow } from './find-workflow.ts'
import type { ParsedWorkflow } from './parse-workflow.ts'

/** Raised whenever a Workflow means something else, or more is checked while parsing. */
const format = 8

interface Kept extends Omit<ParsedWorkflow, 'workflow'> {
  readonly circumstances: string
  readonly workflow?: Workflow
  /** In its place, where it holds values that lie in no file of the project. */
  readonly encrypted?: string
  /** The variables that parameters read, and what they were (as a digest: a value may be a secret). */
  readonly variables: readonly string[]
  readonly variablesDigest: string
}

/** Undefined when there is none that still holds. */
export function readKeptWorkflow(project: Project, found: FoundWorkflow): Workflow | undefined {
  try {
    const text = readSealed(keptPath(project, found))
    if (text === undefined) return undefined
    const kept: Kept = JSON.parse(text)
    if (kept.circumstances !== circumstances(project)) return undefined
    if (kept.variablesDigest !== variablesDigest(project, kept.variables)) return undefined
    if (kept.absent.some(path => existsSync(path))) return undefined
    if (kept.files.some(({ path, digest }) => digestOf(readFileSync(path)) !== digest)) return undefined
    if (kept.encrypted === undefined) return kept.workflow
    return JSON.parse(decrypted(kept.encrypted, givenText(project, kept.variables)))
  } catch {
    return undefined
  }
}

/** Failing to keep it costs time and nothing else. */
export function writeKeptWorkflow(
  project: Project,
  found: FoundWorkflow,
  { workflow, ...parsed }: ParsedWorkflow,
): void {
  const variables = workflow.params.flatMap(param => [
    ...param.env,
    `K8S_HA_${param.name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`,
  ])
  const kept: Kept = {
    ...parsed,
    circumstances: circumstances(project),
    variables,
    variablesDigest: variablesDigest(project, variables),
    ...(holdsGivenValues(project, workflow)
      ? { encrypted: encrypted(JSON.stringify(workflow), givenText(project, variables)) }
      : { workflow }),
  }
  try {
    writeSealed(keptPath(project, found), JSON.stringify(kept))
  } catch {}
}

function keptPath(project: Project, found: FoundWorkflow): string {
  return join(projectStateDir(project), 'workflows', digestOf(`${found.path}\0${setText(project)}`).slice(0, 32))
}

const setText = (project: Project): string => JSON.stringify([[...(project.set ?? [])].sort(), project.args ?? []])

function circumstances(project: Project): string {
  return digestOf(
    JSON.stringify([
      format,
      setText(project),
      [...(project.projectSettings ?? [])].sort(),
      [...(project.knownSettings ?? [])].sort(),
      Object.keys(project.taskTypes).sort(),
      project.projectDir,
      project.cacheDir,
      project.programFiles ?? [],
      project.secretVariables ?? [],
      project.codeDigests?.engine ?? '',
    ]),
  )
}

const variablesDigest = (project: Project, variables: readonly string[]): string =>
  digestOf(variablesText(project, variables))

const variablesText = (project: Project, variables: readonly string[]): string =>
  JSON.stringify(variables.map(name => variableOf(project.environment, name) ?? null))

/** Whether there are values in it that the project's own files do not show. */
const holdsGivenValues = ({ args = [] }: Project, { params }: Workflow): boolean =>
  args.length > 0 || params.some(({ source }) => source === 'set' || source === 'environment')

/** What was given to it: who does not know this cannot read it back. */
const givenText = (project: Project, variables: readonly string[]): string =>
  `${setText(project)}\0${variablesText(project, variables)}`
