/** Runs a fingerprint command of a task: what it prints is part of the fingerprint. */
import { type Failure, failed, lastLines } from '../../platform/failure.ts'
import { runProcess } from '../../platform/processes/process.ts'
import { placeText } from '../../text/source-text.ts'
import type { Project } from '../project.ts'
import { bash, taskEnv } from '../runners/commands.ts'
import type { Task } from '../workflow/workflow.ts'

const timeoutMs = 60_000

export type ToolOutput = { readonly text: string } | { readonly failure: Failure }

export async function toolOutput(
  task: Task,
  command: string,
  { project, signal }: { readonly project: Project; readonly signal?: AbortSignal },
): Promise<ToolOutput> {
  const shown = command.replace(/^(__k8s_ha_\d+='(?:[^']|'\\'')*'; )*/, '')
  const result = await runProcess(bash(command), {
    cwd: project.projectDir,
    env: taskEnv({ declared: task.env, environment: project.environment, temporary: '/tmp' }),
    name: shown,
    timeoutMs,
    endLeftovers: true,
    strays: {},
    ...(signal ? { signal } : {}),
  })
  const at = { at: placeText(task.place) }
  if (!result.ok) return { failure: { ...result.failure, ...at } }
  const { exitCode, stdout, stderr } = result.value
  if (exitCode === 0) return { text: stdout }
  const last = lastLines(stderr || stdout)
  const message = `Fingerprint command "${shown}" of task "${task.name}" failed: exit code ${exitCode}`
  return { failure: failed(message, { ...at, last }) }
}
