/** Runs a command in namespaces of its own, on a root of stacked layers, seeing only what it is meant to see. */
import { existsSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Failure, failed, lastLines } from '../platform/failure.ts'
import { packageRoot } from '../platform/package-root.ts'
import type { ProcessOutput } from '../platform/processes/process.ts'
import { runOnPipes } from '../platform/processes/run-on-pipes.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { hostMounts, hostRootLinks } from './host-root.ts'
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
    const taken = await view.takeOutputs()
    return taken.ok ? ok({ ...output, undeclaredWrites: await view.undeclaredWrites() }) : taken
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
    const view = makeView(join(scratch.dir, 'project'))
    const mounts = [...(await view.prepare()), ...(command.mounts ?? [])]
    await describeSandbox(command, scratch.dir, mounts)
    if (view.probe !== undefined) await writeFile(join(scratch.dir, 'probe'), view.probe)
    const result = await start(command, scratch.dir)
    if (!existsSync(join(scratch.dir, 'ready'))) return fail(notReady(result))
    return result.ok ? await judge(view, result.value) : result
  } finally {
    await scratch.remove()
  }
}

/** The files that enter.sh reads. */
async function describeSandbox(command: SandboxedCommand, dir: string, mounts: readonly Mount[]): Promise<void> {
  for (const folder of ['root', 'upper', 'work']) await mkdir(join(dir, folder))
  const all = [...mounts]
  if (command.layers === 'host') {
    all.unshift(...(await hostMounts()))
    for (const [name, target] of await hostRootLinks()) await symlink(target, join(dir, 'root', name))
  } else {
    // Links, so that paths of any length and with any character fit into the one line of mount options.
    await mkdir(join(dir, 'layers'))
    for (const [index, layer] of command.layers.entries()) await symlink(layer, join(dir, 'layers', `${index}`))
    await writeFile(join(dir, 'lowerdir'), command.layers.map((_, index) => `layers/${index}`).join(':'))
  }
  if (command.network) {
    await writeFile(join(dir, 'network'), '')
    for (const file of ['/etc/resolv.conf', '/etc/hosts'])
      if (command.layers !== 'host' && existsSync(file)) all.unshift({ from: file, to: file, writable: false })
  }
  const fields = all.flatMap(mount => [modeOf(mount), mount.from, mount.to])
  await writeFile(join(dir, 'mounts'), fields.map(field => `${field}\0`).join(''))
  const variables = Object.entries(command.env).map(([name, value]) => `${name}=${value}\0`)
  await writeFile(join(dir, 'environment'), variables.join(''))
}

const modeOf = (mount: Mount): string => (mount.recordsReads ? 'recording' : mount.writable ? 'rw' : 'ro')

async function start(command: SandboxedCommand, dir: string): Promise<Result<ProcessOutput>> {
  const namespaces = ['--mount', '--pid', '--uts', '--ipc', ...(command.network ? [] : ['--net'])]
  // Whatever kills this process kills unshare, whose death kills process 1 of the namespace, and with it all others.
  const kept = ['setpriv', '--pdeathsig', 'KILL', '--', 'unshare', ...namespaces, '--fork', '--kill-child', '--']
  const enter = ['bash', join(packageRoot, 'src/sandbox/enter.sh'), dir, command.workdir ?? command.project.at]
  const printed = new PrintedTexts(command.onOutput)
  const result = await runOnPipes([...kept, ...enter, ...command.argv], {
    name: command.name ?? command.argv[0] ?? 'sandbox',
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

function notReady(result: Result<ProcessOutput>): Failure {
  if (!result.ok) return result.failure
  return failed('Cannot set up a sandbox: the kernel or a program of the host refused', {
    last: result.value.stderr.trim(),
    try: './k8s-ha doctor',
  })
}
