/** Which file a workflow's name means, and which workflows a project has. */
import { statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { type Failure, together, usage } from '../../platform/failure.ts'
import { entriesOf } from '../../platform/folder-entries.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { didYouMean } from '../../text/did-you-mean.ts'

/** A name, or the path of a file that ends in .yaml or .yml; or several, which are run as one. */
export type WorkflowRequest = string | readonly string[]

export interface FoundWorkflow {
  readonly name: string
  /** Absolute. */
  readonly path: string
  /** Files that would have been taken instead if they existed. */
  readonly absent: readonly string[]
  /** Of several that are run as one; then there is no file of their own. */
  readonly parts?: readonly FoundWorkflow[]
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false

/** The first that exists counts. */
const endings = ['.yaml', '.yml'] as const

export const isWorkflowFile = (workflow: string): boolean => /\.ya?ml$/.test(workflow)

export function findWorkflow(projectDir: string, request: WorkflowRequest): Result<FoundWorkflow> {
  const [first = '', ...others] = typeof request === 'string' ? [request] : new Set(request)
  if (others.length === 0) return findOne(projectDir, first)
  const found = [first, ...others].map(workflow => findOne(projectDir, workflow))
  const failures = found.flatMap(one => (one.ok ? [] : [one.failure]))
  if (failures.length > 0) return fail(together(failures))
  const parts = found.flatMap(one => (one.ok ? [one.value] : []))
  return ok({
    name: parts.map(({ name }) => name).join('+'),
    path: parts.map(({ path }) => path).join('\n'),
    absent: [],
    parts,
  })
}

function findOne(projectDir: string, workflow: string): Result<FoundWorkflow> {
  if (isWorkflowFile(workflow)) {
    const path = resolve(workflow)
    if (!isFile(path)) return fail(usage(`Cannot read the workflow file "${workflow}": there is no such file`))
    return ok({ name: basename(path).replace(/\.ya?ml$/, ''), path, absent: [] })
  }
  return findByName(projectDir, workflow) ?? fail(unknownWorkflow(projectDir, workflow))
}

/** Undefined when there is no such workflow. */
export function findByName(projectDir: string, name: string): Result<FoundWorkflow> | undefined {
  if (name.includes('/') || name.startsWith('.')) return undefined
  const absent: string[] = []
  for (const folder of ['workflows', join('workflows', 'parts')]) {
    for (const ending of endings) {
      const path = join(projectDir, folder, name + ending)
      if (isFile(path)) return ok({ name, path, absent })
      absent.push(path)
    }
  }
  return undefined
}

export function workflowNames(projectDir: string): string[] {
  return yamlNames(join(projectDir, 'workflows'))
}

/** Of the workflows that others can include, too. */
export function includableNames(projectDir: string): string[] {
  return [...workflowNames(projectDir), ...yamlNames(join(projectDir, 'workflows', 'parts'))]
}

function yamlNames(folder: string): string[] {
  const files = entriesOf(folder).filter(name => isWorkflowFile(name) && isFile(join(folder, name)))
  return [...new Set(files.map(name => name.replace(/\.ya?ml$/, '')))].sort()
}

function unknownWorkflow(projectDir: string, name: string): Failure {
  const known = workflowNames(projectDir)
  return usage(`Unknown workflow "${name}"${didYouMean(name, known)}`, {
    ...(known.length === 0 ? { last: `no workflows in ${join(projectDir, 'workflows')}` } : {}),
    try: './k8s-ha flow   lists the workflows',
  })
}
