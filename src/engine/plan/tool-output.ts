/** Runs a fingerprint command of a task: what it prints is part of the fingerprint. */
import { createHash } from 'node:crypto'
import type { Digest } from '../../platform/digest.ts'
import { type Failure, failed, lastLines } from '../../platform/failure.ts'
import { placeText } from '../../text/source-text.ts'
import { withoutPrefix } from '../load/shell/script-prefix.ts'
import type { Project } from '../project.ts'
import { bash, taskEnv, variablesOf } from '../runners/commands.ts'
import type { Script } from '../workflow/script.ts'
import type { Task } from '../workflow/workflow.ts'

const timeoutMs = 60_000

/** Of what a command printed, for the case that it fails. */
const rememberedBytes = 8_192

export type ToolOutput = { readonly digest: Digest } | { readonly failure: Failure }

/** The digest of what it prints on stdout: any amount, and any bytes. */
export async function toolOutput(
  task: Task,
  command: Script,
  { project, signal }: { readonly project: Project; readonly signal?: AbortSignal },
): Promise<ToolOutput> {
  // Loaded when something is run at all: what starts programs takes as long as a whole run that has nothing to do.
  const { runOnPipes } = await import('../../platform/processes/run-on-pipes.ts')
  const shown = withoutPrefix(command.text)
  const hash = createHash('sha256')
  const tails = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
  const { argv, values, ...input } = bash(command)
  const result = await runOnPipes(argv, {
    ...input,
    cwd: project.projectDir,
    env: { ...taskEnv({ ...variablesOf(task, project), temporary: '/tmp' }), ...values },
    name: shown,
    timeoutMs,
    endLeftovers: true,
    strays: {},
    onBytes: (bytes, stream) => {
      if (stream === 'stdout') hash.update(bytes)
      tails[stream] = Buffer.concat([tails[stream], bytes]).subarray(-rememberedBytes)
    },
    ...(signal ? { signal } : {}),
  })
  const at = { at: placeText(task.place) }
  if (!result.ok) return { failure: { ...result.failure, ...at } }
  const { exitCode } = result.value
  if (exitCode === 0) return { digest: hash.digest('hex') as Digest }
  const last = lastLines(String(tails.stderr.length > 0 ? tails.stderr : tails.stdout))
  const message = `Fingerprint command "${shown}" of task "${task.name}" failed: exit code ${exitCode}`
  return { failure: failed(message, { ...at, last }) }
}
