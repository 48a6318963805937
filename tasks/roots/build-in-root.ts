/** Runs a build script on a root: without network unless it is to download, only the given inputs, all output into a log. */
import { createWriteStream } from 'node:fs'
import { join, relative } from 'node:path'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { failed } from '../../src/platform/failure.ts'
import { done, fail, type Result } from '../../src/platform/result.ts'
import { WholeLines } from '../../src/platform/whole-lines.ts'
import { materialize } from '../../src/sandbox/layers.ts'
import type { Mount } from '../../src/sandbox/mount.ts'
import { runSandboxed } from '../../src/sandbox/run-sandboxed.ts'

export interface Build {
  /** The root's archive. */
  readonly root: string
  /** bash, -euo pipefail; runs in an empty folder of its own; the project is at /project. */
  readonly script: string
  /** $1, $2 … of the script. */
  readonly args: readonly string[]
  /** Files and folders of the project, absolute. */
  readonly inputs: readonly string[]
  readonly mounts?: readonly Mount[]
  readonly env?: Readonly<Record<string, string>>
  /** True: the machine's network. Default: none. */
  readonly network?: true
  /** Each line that the script prints. */
  onLine?(line: string): void
}

/** Where a build script sees a file of the project. */
export const inProject = (context: Pick<TaskContext<unknown>, 'projectDir'>, path: string): string =>
  join('/project', relative(context.projectDir, path))

/** Of a build that fails: the last ones mostly say why. */
const shownLines = 12

const buildEnv = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
  TMPDIR: '/tmp',
}

export async function buildInRoot(context: TaskContext<unknown>, build: Build): Promise<Result<void>> {
  context.progress('unpacking the build root')
  const layer = await materialize(build.root, context.cacheDir, context.signal)
  if (!layer.ok) return layer
  const logFile = join(context.logDir, 'build.log')
  const log = createWriteStream(logFile)
  const lines = new WholeLines()
  const last: string[] = []
  const result = await runSandboxed({
    argv: ['bash', '-euo', 'pipefail', '-c', build.script, context.task, ...build.args],
    name: `the build script of ${context.task}`,
    env: { ...buildEnv, ...build.env },
    layers: [layer.value],
    project: {
      dir: context.projectDir,
      at: '/project',
      inputs: build.inputs.map(path => relative(context.projectDir, path)),
      outputs: context.outputs.map(path => relative(context.projectDir, path)),
    },
    workdir: '/build',
    mounts: build.mounts ?? [],
    network: build.network ?? false,
    cacheDir: context.cacheDir,
    signal: context.signal,
    onOutput(text) {
      log.write(text)
      const whole = lines.add(text)
      for (const line of whole) build.onLine?.(line)
      last.push(...whole)
      last.splice(0, last.length - shownLines)
    },
  })
  await new Promise(resolve => log.end(resolve))
  if (!result.ok) return fail({ ...result.failure, log: logFile })
  const { exitCode, undeclaredWrites } = result.value
  if (exitCode !== 0)
    return fail(failed(`Cannot build: exit code ${exitCode}`, { last: last.join('\n'), log: logFile }))
  if (undeclaredWrites.length > 0)
    return fail(failed(`The build wrote what it does not declare: ${undeclaredWrites.join(', ')}`, { log: logFile }))
  return done
}
