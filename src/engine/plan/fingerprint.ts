/** Everything that may change a task's result, part by part, and the one digest of it. */
import { type BigIntStats, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Digest, digestOf } from '../../platform/digest.ts'
import { type Failure, failed } from '../../platform/failure.ts'
import { linkTarget, systemPath } from '../../platform/file-names.ts'
import { variableOf } from '../../platform/variable-of.ts'
import { placeText } from '../../text/source-text.ts'
import { isSmall } from '../files/content.ts'
import type { FileIndex } from '../files/file-index.ts'
import type { InputFile, Inputs } from '../files/inputs.ts'
import { lstat } from '../files/lstat.ts'
import { permissions } from '../files/tree.ts'
import type { PartKind } from '../store/kept-parts.ts'
import type { Script } from '../workflow/script.ts'
import type { Task } from '../workflow/workflow.ts'
import { Breath, interrupted } from './breath.ts'

/** Raised when the meaning of a part changes: then no earlier result counts. */
const fingerprintFormat = 1

/** Kind, name, value. Values of parameters and variables may be secrets: they go into the key and nowhere else. */
export type Part = readonly [kind: PartKind, name: string, value: string]

export interface Fingerprint {
  readonly key: Digest
  readonly parts: readonly Part[]
}

export type FingerprintResult = { readonly fingerprint: Fingerprint } | { readonly failure: Failure }

export interface FingerprintSources {
  readonly projectDir: string
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly index: FileIndex
  readonly inputs: Inputs
  readonly outputOf: (need: string) => Digest
  readonly codeOf: (taskType: string) => string
  /** The digest of the standard output of a fingerprint command. */
  readonly toolOutput: (
    task: Task,
    command: Script,
  ) => Promise<{ readonly digest: Digest } | { readonly failure: Failure }>
}

/** `tools`: outputs of the commands when they are known already; absent, the commands run. */
export async function fingerprint(
  task: Task,
  sources: FingerprintSources,
  tools?: readonly Part[],
): Promise<FingerprintResult> {
  const parts: Part[] = [
    ['format', 'fingerprint', String(fingerprintFormat)],
    ['definition', 'definition', task.definition],
  ]
  if (task.action.kind === 'uses') parts.push(['code', task.action.type, sources.codeOf(task.action.type)])
  for (const [name, value] of Object.entries(task.uses)) parts.push(['parameter', name, JSON.stringify(value)])
  for (const name of task.env)
    parts.push(['variable', name, JSON.stringify(variableOf(sources.environment, name) ?? null)])
  const inputs = sources.inputs.of(task)
  if ('failure' in inputs) return inputs
  let sideBySide = inputs.files.length > 1
  const breath = new Breath(sources.signal)
  for (const input of inputs.files) {
    if (breath.isDue && (await breath.isLast())) return { failure: interrupted }
    if (input.madeBy !== undefined) continue
    if (sideBySide && mustBeRead(input, sources)) {
      sideBySide = false
      await breath.orLast(hashLarge(inputs.files, sources))
    }
    const reading = inputValue(input, sources)
    const value = await (inputs.files.length === 1 ? breath.orLast(reading) : reading)
    if (value === undefined && sources.signal?.aborted) return { failure: interrupted }
    if (value === undefined) return { failure: unreadable(task, input.path) }
    parts.push(['input', input.path, value])
  }
  for (const need of task.needs) parts.push(['need', need, sources.outputOf(need)])
  if (tools) parts.push(...tools)
  else {
    const outputs = await Promise.all(task.fingerprint.map(command => sources.toolOutput(task, command)))
    for (const [at, output] of outputs.entries()) {
      if ('failure' in output) return output
      parts.push(['tool', task.fingerprint[at]?.text ?? '', output.digest])
    }
  }
  return { fingerprint: { key: digestOf(JSON.stringify(parts)), parts } }
}

/** Large files that must be read are read side by side, so that more than one core hashes. */
async function hashLarge(files: readonly InputFile[], sources: FingerprintSources): Promise<void> {
  const open = files.filter(({ madeBy }) => madeBy === undefined).values()
  const reader = async () => {
    for (const input of open) {
      const stat = statOf(input, sources)
      if (stat?.isFile() && !isSmall(Number(stat.size))) await sources.index.digest(input.path, stat)
    }
  }
  await Promise.all([reader(), reader()])
}

/** A large file of which the index knows nothing at all: the usual case when the index is cold. */
function mustBeRead(input: InputFile, sources: FingerprintSources): boolean {
  if (sources.index.remembers(input.path)) return false
  const stat = statOf(input, sources)
  return stat?.isFile() === true && !isSmall(Number(stat.size))
}

/** Undefined when the file is gone or is neither file nor link. */
async function inputValue(input: InputFile, sources: FingerprintSources): Promise<string | undefined> {
  const { path } = input
  const { projectDir, index } = sources
  const stat = statOf(input, sources)
  if (!stat) return undefined
  if (stat.isFile()) return fileValue(path, stat, index)
  if (!stat.isSymbolicLink()) return undefined
  const target = linkTarget(join(projectDir, path))
  const behind = statSync(systemPath(join(projectDir, path)), { bigint: true, throwIfNoEntry: false })
  // What is read through the link counts too; a link to a folder, or to nothing, counts as its text.
  const content = behind?.isFile()
    ? ` ${permissions(behind).toString(8)} ${(await index.readThrough(path, behind)).digest}`
    : ''
  return `link ${JSON.stringify(target)}${content}`
}

const statOf = ({ path, stat }: InputFile, { projectDir }: FingerprintSources): BigIntStats | undefined =>
  stat ?? lstat(projectDir, path)

async function fileValue(path: string, stat: BigIntStats, index: FileIndex): Promise<string> {
  const digest = index.known(path, stat) ?? (await index.digest(path, stat))
  return `${permissions(stat).toString(8)} ${stat.size} ${digest}`
}

const unreadable = (task: Task, path: string): Failure =>
  failed(`Cannot read input "${path}" of task "${task.name}": it is gone, or neither a file nor a link`, {
    at: placeText(task.place),
  })
