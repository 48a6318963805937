/** Runs a task's bash text: in a waiting shell where that makes no difference, else in a bash of its own. */
import { failed } from '../../platform/failure.ts'
import { runProcess } from '../../platform/processes/process.ts'
import type { Shells } from '../../platform/processes/shells.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { bash, shellScript, taskEnv } from './commands.ts'
import type { LocalJob } from './local-job.ts'
import type { Ran } from './runner.ts'

export async function runScript(
  { job, hooks, machine, temporary }: LocalJob,
  script: string,
  shells: Shells,
): Promise<Result<Ran>> {
  const { projectDir, environment } = machine.project
  const limits = {
    name: job.task,
    timeoutMs: job.timeoutMs,
    signal: hooks.signal,
    onOutput: hooks.onOutput,
  }
  const quick = shellScript(script, job.env, temporary)
  const result =
    quick === undefined
      ? await runProcess(bash(script), {
          ...limits,
          cwd: projectDir,
          env: taskEnv({ declared: job.env, environment, temporary }),
          collect: false,
          endLeftovers: true,
        })
      : await shells.run(quick, limits)
  const at = { at: job.at }
  if (!result.ok) return fail({ ...result.failure, ...at })
  const { exitCode } = result.value
  return exitCode === 0 ? ok({}) : fail(failed(`Task "${job.task}" failed: exit code ${exitCode}`, at))
}
