/** Runs a task's bash text where only its inputs and the outputs of its needs exist, and judges what it touched. */
import { join } from 'node:path'
import { failed } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import type { SandboxReport } from '../sandbox-runner.ts'
import { globsAmong } from '../workflow/output-globs.ts'
import { upwards } from '../workflow/project-path.ts'
import type { Script } from '../workflow/script.ts'
import { bash, taskEnv, variablesOf } from './commands.ts'
import { exitHint } from './exit-hints.ts'
import type { LocalJob } from './local-job.ts'
import type { Job, JobSandbox, Ran } from './runner.ts'

export async function runInSandbox(local: LocalJob, script: Script, sandbox: JobSandbox): Promise<Result<Ran>> {
  const { job, hooks, machine, temporary } = local
  if (!machine.sandbox) throw new Error('A sandbox is needed and was not given')
  const { projectDir, cacheDir } = machine.project
  const { root, network } = sandbox
  const { argv, values, input } = bash(script)
  const globs = globsAmong(job.globs ?? [])
  const result = await machine.sandbox.run({
    task: job.task,
    argv,
    ...(input === undefined ? {} : { input }),
    ...(root ? { root: { archive: join(projectDir, root.archive), digest: root.digest } } : {}),
    cacheDir,
    projectDir,
    inputs: visibleFiles(job, root?.madeBy),
    outputs: job.outputs,
    ...(globs ? { globs } : {}),
    env: { ...taskEnv({ ...variablesOf(job, machine.project), temporary }), ...values },
    network,
    signal: hooks.signal,
    timeoutMs: job.timeoutMs,
    onBytes: hooks.onOutput,
  })
  return result.ok ? judge(job, result.value) : fail({ ...result.failure, at: job.at })
}

/** The root is what it runs on, not what it reads. */
function visibleFiles({ inputs, needs }: Job, rootMadeBy: string | undefined): readonly string[] {
  const made = needs.filter(({ task }) => task !== rootMadeBy).flatMap(({ outputs }) => outputs)
  const paths = [...new Set([...inputs.map(({ path }) => path), ...made])].sort()
  // A link with inputs behind it: those are shown in a folder in its place.
  const folders = new Set(inputs.flatMap(({ path }) => [...upwards(path)].slice(1)))
  return paths.filter(path => !folders.has(path) || made.includes(path))
}

/** Undeclared reads come first: they explain why the program failed, if it did. */
function judge({ task, at }: Job, { exitCode, missed, undeclaredWrites }: SandboxReport): Result<Ran> {
  const code = exitCode === 0 ? '' : ` (exit code ${exitCode})`
  if (missed.length > 0)
    return fail(
      failed(`Task "${task}" wants files that it does not declare: ${list(missed)}${code}`, {
        at,
        try: 'add them to its inputs',
      }),
    )
  if (undeclaredWrites.length > 0)
    return fail(
      failed(`Task "${task}" wrote files that it does not declare: ${list(undeclaredWrites)}${code}`, {
        at,
        try: 'add them to its outputs',
      }),
    )
  return exitCode === 0
    ? ok({})
    : fail(failed(`Task "${task}" failed: exit code ${exitCode}`, { at, ...exitHint(exitCode) }))
}

function list(files: readonly string[]): string {
  const shown = files.slice(0, 10).map(file => `"${file}"`)
  return shown.join(', ') + (files.length > 10 ? ` and ${files.length - 10} more` : '')
}
