/** Runs a workflow's own command where only what its task declares exists, and reports what it missed. */
import { failed } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { materialize } from './layers.ts'
import { mentionedFiles } from './mentioned-files.ts'
import type { OutputPatterns } from './output-patterns.ts'
import { runSandboxed, type SandboxedCommand } from './run-sandboxed.ts'
import { findUndeclaredReads } from './undeclared-reads.ts'

export interface DeclaredRun {
  readonly task: string
  readonly argv: readonly string[]
  readonly input?: string
  /** Absent: the host's own system folders, read-only, and a second run that names every file that was read. */
  readonly root?: { readonly archive: string }
  readonly cacheDir: string
  readonly projectDir: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly globs?: OutputPatterns
  readonly env: Readonly<Record<string, string>>
  readonly network: boolean
  readonly signal: AbortSignal
  readonly timeoutMs: number
  onBytes(bytes: Uint8Array, stream: 'stdout' | 'stderr'): void
}

export interface DeclaredReport {
  readonly exitCode: number
  readonly missed: readonly string[]
  readonly undeclaredWrites: readonly string[]
}

export async function runDeclared(run: DeclaredRun): Promise<Result<DeclaredReport>> {
  const layer = run.root && (await materialize(run.root.archive, run.cacheDir, run.signal))
  if (layer && !layer.ok) return layer
  const command = toCommand(run, layer ? [layer.value] : 'host')
  const result = await runSandboxed(command)
  if (!result.ok) return result
  const { exitCode, stdout, stderr, undeclaredWrites } = result.value
  const shown = [...run.inputs, ...run.outputs]
  const mentioned = exitCode === 0 ? [] : mentionedFiles(`${stdout}\n${stderr}`, { projectDir: run.projectDir, shown })
  const missed = new Set(mentioned.filter(path => !run.globs?.name(path)))
  if (run.root === undefined) {
    const read = await findUndeclaredReads(command)
    if (!read.ok)
      return fail(failed(`Cannot verify the inputs of "${run.task}": ${read.failure.message}`, read.failure))
    for (const path of read.value) missed.add(path)
  }
  return ok({ exitCode, missed: [...missed].sort(), undeclaredWrites })
}

function toCommand(run: DeclaredRun, layers: SandboxedCommand['layers']): SandboxedCommand {
  const temporary = run.env.TMPDIR
  return {
    argv: run.argv,
    ...(run.input === undefined ? {} : { input: run.input }),
    name: run.task,
    env: run.env,
    layers,
    project: {
      dir: run.projectDir,
      at: run.projectDir,
      inputs: run.inputs,
      outputs: run.outputs,
      ...(run.globs ? { globs: run.globs } : {}),
    },
    mounts: temporary === undefined ? [] : [{ from: temporary, to: temporary, writable: true }],
    network: run.network,
    cacheDir: run.cacheDir,
    signal: run.signal,
    timeoutMs: run.timeoutMs,
    onBytes: run.onBytes,
  }
}
