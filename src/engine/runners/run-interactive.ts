/** Runs a task's bash text with the terminal: what it prints is not kept, and it reads what the user types. */
import { failed } from '../../platform/failure.ts'
import { leftoverGraceMs } from '../../platform/processes/process-group.ts'
import { endTagged } from '../../platform/processes/strays.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import type { Script } from '../workflow/script.ts'
import { bash, taskEnv, variablesOf } from './commands.ts'
import { exitHint } from './exit-hints.ts'
import type { LocalJob } from './local-job.ts'
import type { Ran } from './runner.ts'

/** Of the terminal that is lent: colours and keys depend on its kind. */
const terminalVariables = ['TERM', 'COLORTERM']

export async function runInteractive(
  { job, hooks, machine, temporary }: LocalJob,
  script: Script,
): Promise<Result<Ran>> {
  const { terminal, project } = machine
  const at = { at: job.at }
  if (!terminal) return fail({ kind: 'environment', message: `Task "${job.task}" wants a terminal`, ...at })
  const { argv, values, input } = bash(script)
  if (input !== undefined)
    return fail(
      failed(`Cannot run "${job.task}": the script of an interactive task, and its values, may have 120 KiB`, at),
    )
  const { runInForeground } = await import('../../platform/processes/foreground.ts')
  const variables = variablesOf({ ...job, env: [...terminalVariables, ...job.env] }, project)
  const exitCode = await terminal.lend(() =>
    runInForeground(
      argv,
      { ...taskEnv({ ...variables, temporary }), ...values },
      {
        cwd: project.projectDir,
        signal: hooks.signal,
        timeoutMs: job.timeoutMs,
      },
    ),
  )
  await endTagged(temporary, leftoverGraceMs)
  if (hooks.signal.aborted) return fail({ kind: 'interrupted', message: `Interrupted: ${job.task}` })
  return exitCode === 0
    ? ok({})
    : fail(failed(`Task "${job.task}" failed: exit code ${exitCode}`, { ...at, ...exitHint(exitCode) }))
}
