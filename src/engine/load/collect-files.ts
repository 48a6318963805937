/** A workflow file and all that it includes, directly or not, each file once. */
import { type Digest, digestOf } from '../../platform/digest.ts'
import type { Failure } from '../../platform/failure.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import { readText } from '../../text/read-text.ts'
import { displayPath } from '../workflow/project-path.ts'
import { type FoundWorkflow, findByName, includableNames } from './find-workflow.ts'
import { listOf } from './written/list-of.ts'
import { WorkflowFile } from './written/workflow-file.ts'

export interface CollectedFile {
  /** Empty for what stands above several workflows that are run as one. */
  readonly path: string
  readonly digest: Digest
  readonly file: WorkflowFile
  /** Indexes into the list of collected files, in the order of `include`. */
  readonly includes: readonly number[]
}

/** Of several workflows that are run as one. */
export const isCombined = ([first]: readonly CollectedFile[]): boolean => first?.path === ''

export interface Collection {
  /** The including file first. */
  readonly files: readonly CollectedFile[]
  /** Files whose coming into being would change what is included. */
  readonly absent: readonly string[]
  readonly failures: readonly Failure[]
}

export function collectFiles(projectDir: string, found: FoundWorkflow): Collection {
  const files: { path: string; digest: Digest; file: WorkflowFile; includes: number[] }[] = []
  const absent = new Set(found.absent)
  const indexByPath = new Map<string, number>()
  const addNone = (parts: readonly FoundWorkflow[]): void => {
    const collected = { path: '', digest: digestOf(''), file: new WorkflowFile('', ''), includes: [] as number[] }
    files.push(collected)
    for (const part of parts) {
      for (const candidate of part.absent) absent.add(candidate)
      collected.includes.push(add(part.path))
    }
  }
  const add = (path: string): number => {
    const known = indexByPath.get(path)
    if (known !== undefined) return known
    const read = readText(path, displayPath(projectDir, path), 'workflow')
    const text = read.ok ? read.value : ''
    const file = new WorkflowFile(displayPath(projectDir, path), text, read.ok ? undefined : read.failure)
    const collected = { path, digest: digestOf(text), file, includes: [] as number[] }
    const index = files.push(collected) - 1
    indexByPath.set(path, index)
    for (const [position, name] of listOf(file.raw.include).entries()) {
      const other = findByName(projectDir, name)
      if (other?.ok) {
        for (const candidate of other.value.absent) absent.add(candidate)
        collected.includes.push(add(other.value.path))
      } else
        file.problem(`Unknown workflow "${name}"${didYouMean(name, includableNames(projectDir))}`, [
          'include',
          position,
        ])
    }
    return index
  }
  if (found.parts) addNone(found.parts)
  else add(found.path)
  return { files, absent: [...absent], failures: files.flatMap(({ file }) => file.failures) }
}
