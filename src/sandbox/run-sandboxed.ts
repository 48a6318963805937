/** Runs a command in namespaces of its own, on a root of stacked layers, seeing only what it is meant to see. */
import { statSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { environment, type Failure, failed, lastLines } from '../platform/failure.ts'
import { packageRoot } from '../platform/package-root.ts'
import { minimalEnv, type ProcessOutput } from '../platform/processes/process.ts'
import { runOnPipes } from '../platform/processes/run-on-pipes.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { describeSandbox } from './describe-sandbox.ts'
import type { Mount } from './mount.ts'
import { PrintedTexts, type Stream } from './printed-texts.ts'
import { type ProjectSpec, ProjectView } from './project-view.ts'
import { createScratch, sweepScratch } from './scratch.ts'

export interface SandboxedCommand {
  readonly argv: readonly string[]
  /** What it reads from its input; absent: nothing. */
  readonly input?: string
  /** What messages call it; default: its program. */
  readonly name?: string
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>
  /** Folders that, stacked, are the root; the first is on top. What is written over them is thrown away.
   * 'host': the host's own system folders, read-only. */
  readonly layers: readonly string[] | 'host'
  readonly project: ProjectSpec
  /** The working folder, inside; default: the project. */
  readonly workdir?: string
  readonly mounts?: readonly Mount[]
  /** True: the host's network. False: a loopback interface, nothing else. */
  readonly network: boolean
  /** Temporary files go to its file system; see scratch.ts. */
  readonly cacheDir: string
  readonly signal?: AbortSignal
  /** 0 or absent: no limit. */
  readonly timeoutMs?: number
  readonly onOutput?: (text: string, stream: Stream) => void
  /** As onOutput, for output that need not be text. */
  readonly onBytes?: (bytes: Uint8Array, stream: Stream) => void
}

/** Of what it printed, the end: enough for a reader, whatever the amount. */
export interface SandboxedOutput extends ProcessOutput {
  /** Relative to the project, sorted; they are gone. */
  readonly undeclaredWrites: readonly string[]
}

/** What of a project a command sees, prepared in a folder of the sandbox. */
export interface View {
  /** What must be mounted, in this order. */
  prepare(): Promise<readonly Mount[]>
  /** A file, inside, that is read before the command starts. */
  readonly probe?: string
}

/**
 * A result for every exit code; outputs lie in the project then. A failure when the sandbox could not be made, the
 * command was aborted or ran out of time. No process of it is left in either case, nor when this process is killed.
 */
export function runSandboxed(command: SandboxedCommand): Promise<Result<SandboxedOutput>> {
  const makeView = (folder: string) => new ProjectView(command.project, folder, command.mounts ?? [])
  return runOnView(command, makeView, async (view, output) => {
    // First, as long as everything lies where the command left it.
    const undeclaredWrites = await view.undeclaredWrites()
    const taken = await view.takeOutputs()
    return taken.ok ? ok({ ...output, undeclaredWrites }) : taken
  })
}

/** `judge` looks at the view after the command ended; then the view is removed. */
export async function runOnView<V extends View, T>(
  command: SandboxedCommand,
  makeView: (folder: string) => V,
  judge: (view: V, output: ProcessOutput) => Promise<Result<T>>,
): Promise<Result<T>> {
  await sweepScratch(command.cacheDir)
  const scratch = await createScratch(command.cacheDir)
  try {
    await chmod(scratch.dir, 0o700) // Other users see nothing of it, nor of what root makes in it.
    const view = makeView(join(scratch.dir, 'project'))
    const mounts = [...(await view.prepare()), ...(command.mounts ?? [])]
    await describeSandbox(command, scratch.dir, mounts)
    if (view.probe !== undefined) await writeFile(join(scratch.dir, 'probe'), view.probe)
    const result = await start(command, scratch.dir)
    if (!isReady(scratch.dir)) return fail(notReady(result))
    return result.ok ? await judge(view, result.value) : result
  } finally {
    await scratch.remove()
  }
}

async function start(command: SandboxedCommand, dir: string): Promise<Result<ProcessOutput>> {
  // Whatever kills this process kills the one that enter.pl begins with, whose death kills process 1 of the sandbox, and
  // with it all others.
  const enter = ['perl', join(packageRoot, 'src/sandbox/enter.pl'), process.arch, String(process.pid), dir]
  const workdir = command.workdir ?? command.project.at
  const { PATH = '' } = minimalEnv()
  const printed = new PrintedTexts(command.onOutput)
  const result = await runOnPipes([...enter, workdir, ...command.argv], {
    name: command.name ?? command.argv[0] ?? 'sandbox',
    // In no file, as there are secrets among them, and under names that mean nothing to the programs of this machine.
    env: { PATH, ...Object.fromEntries(Object.entries(command.env).map(([name, value]) => [`inside:${name}`, value])) },
    ...(command.input === undefined ? {} : { input: command.input }),
    ...(command.signal === undefined ? {} : { signal: command.signal }),
    ...(command.timeoutMs === undefined ? {} : { timeoutMs: command.timeoutMs }),
    onBytes: (bytes, stream) => {
      printed.add(bytes, stream)
      command.onBytes?.(bytes, stream)
    },
  })
  const texts = printed.end()
  return result.ok
    ? ok({ ...result.value, ...texts })
    : fail({ last: lastLines(texts.stderr || texts.stdout), ...result.failure })
}

/** The command was about to be started. */
const isReady = (dir: string): boolean => (statSync(join(dir, 'ready'), { throwIfNoEntry: false })?.size ?? 0) > 0

function notReady(result: Result<ProcessOutput>): Failure {
  if (!result.ok) return result.failure
  const last = result.value.stderr.trim()
  if (process.getuid?.() !== 0 && last.startsWith('make '))
    return environment('Cannot set up a sandbox: an ordinary user may not make namespaces here', {
      last,
      try: 'the same command by root (sudo), or allow user namespaces (sysctl user.max_user_namespaces)',
    })
  return failed('Cannot set up a sandbox: the kernel or a program of the host refused', {
    last,
    try: './k8s-ha doctor',
  })
}
