/** Runs a task's bash text: in a waiting shell where that makes no difference, else in a bash of its own. */
import { failed } from '../../platform/failure.ts'
import { leftoverGraceMs } from '../../platform/processes/process-group.ts'
import type { runOnPipes as RunOnPipes } from '../../platform/processes/run-on-pipes.ts'
import type { Shells } from '../../platform/processes/shells.ts'
import { endTagged } from '../../platform/processes/strays.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import type { Script } from '../workflow/script.ts'
import { bash, shellScript, taskEnv, variablesOf } from './commands.ts'
import { exitHint } from './exit-hints.ts'
import type { LocalJob } from './local-job.ts'
import type { Ran } from './runner.ts'

/** Loaded when it is needed: a run that only restores starts no program. */
const onPipes = async (...args: Parameters<typeof RunOnPipes>) =>
  (await import('../../platform/processes/run-on-pipes.ts')).runOnPipes(...args)

export async function runScript(
  { job, hooks, machine, temporary }: LocalJob,
  script: Script,
  shells: Shells,
): Promise<Result<Ran>> {
  const { projectDir } = machine.project
  const limits = {
    name: job.task,
    timeoutMs: job.timeoutMs,
    signal: hooks.signal,
    onBytes: hooks.onOutput,
    strays: { tmpdir: temporary },
  }
  const { argv, values, ...input } = bash(script)
  const quick = shellScript(script, job, temporary)
  const result =
    quick === undefined
      ? await onPipes(argv, {
          ...limits,
          ...input,
          cwd: projectDir,
          env: { ...taskEnv({ ...variablesOf(job, machine.project), temporary }), ...values },
          endLeftovers: true,
        })
      : await shells.run(quick, limits)
  // What a task that ended well left running on purpose goes on; of one that failed nothing does.
  if (!result.ok || result.value.exitCode !== 0) await endTagged(temporary, leftoverGraceMs)
  const at = { at: job.at }
  if (!result.ok) return fail({ ...result.failure, ...at })
  const { exitCode } = result.value
  return exitCode === 0
    ? ok({})
    : fail(failed(`Task "${job.task}" failed: exit code ${exitCode}`, { ...at, ...exitHint(exitCode) }))
}
