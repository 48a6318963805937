/** Runs jobs on this machine: outputs cleared, a TMPDIR made, then bash, bash in a sandbox, or a task type's code. */
import { digestOf } from '../../platform/digest.ts'
import { type Failure, failed, lastLines } from '../../platform/failure.ts'
import { fail, type Result } from '../../platform/result.ts'
import { systemFailure } from '../../platform/system-error.ts'
import { clearOutput, makeParent, OutsideProject } from '../files/output-place.ts'
import type { ProjectState } from '../store/project-state.ts'
import { globsAmong } from '../workflow/output-globs.ts'
import type { LocalJob, Machine } from './local-job.ts'
import type { Programs } from './programs.ts'
import { runInSandbox } from './run-in-sandbox.ts'
import { runInteractive } from './run-interactive.ts'
import { runScript } from './run-script.ts'
import { runType } from './run-type.ts'
import type { Job, Ran, RunHooks, Runner } from './runner.ts'

/** Of what a program printed last, for its failure. */
const rememberedBytes = 8_192

export class LocalRunner implements Runner {
  readonly #machine: Machine
  readonly #state: ProjectState
  /** There from the first job on: a run that only restores needs none of it. */
  #programs: Promise<Programs> | undefined

  constructor(machine: Machine, state: ProjectState) {
    this.#machine = machine
    this.#state = state
  }

  async run(job: Job, hooks: RunHooks): Promise<Result<Ran>> {
    let programs: Programs
    try {
      const { projectDir } = this.#machine.project
      for (const output of job.outputs) clearOutput(projectDir, output)
      for (const base of globsAmong(job.globs ?? [])?.bases ?? []) makeParent(projectDir, `${base}/x`)
      programs = await this.#started(job.run)
    } catch (error) {
      return fail(refused(job, error))
    }
    const temporary = `${programs.temporaryPrefix}${digestOf(job.task).slice(0, 16)}`
    try {
      programs.folders.take(temporary)
      return await runProgram({ job, hooks, machine: this.#machine, temporary }, programs)
    } catch (error) {
      // A full disk, a folder that may not be written: the machine's trouble, not a bug.
      return fail(systemFailure(`Cannot run "${job.task}"`, error, { at: job.at }))
    } finally {
      programs.folders.leave(temporary)
    }
  }

  /** When no job runs any more. */
  async close(): Promise<void> {
    const started = await this.#programs?.catch(() => undefined)
    await started?.close()
  }

  #started(run: string): Promise<Programs> {
    this.#programs ??= import('./programs.ts').then(({ startPrograms }) =>
      startPrograms(this.#machine.project.projectDir, this.#state, run),
    )
    return this.#programs
  }
}

/** What lies at its outputs cannot be removed, or they would lie outside the project. */
function refused({ task, at }: Job, error: unknown): Failure {
  if (error instanceof OutsideProject) return failed(`Cannot run "${task}": ${error.message}`, { at })
  return systemFailure(`Cannot run "${task}"`, error, { kind: 'failed', at })
}

function runProgram(local: LocalJob, { shells }: Programs): Promise<Result<Ran>> {
  const { command, sandbox } = local.job
  if (command.kind === 'task type') return runType(local, command)
  if (local.job.interactive) return runInteractive(local, command.script)
  return withLastOutput(local, remembering =>
    sandbox ? runInSandbox(remembering, command.script, sandbox) : runScript(remembering, command.script, shells),
  )
}

/** What bash printed last mostly says why it failed. */
async function withLastOutput(local: LocalJob, run: (local: LocalJob) => Promise<Result<Ran>>): Promise<Result<Ran>> {
  const { hooks } = local
  let tail = Buffer.alloc(0)
  const onOutput: RunHooks['onOutput'] = (output, stream) => {
    tail = Buffer.concat([tail, Buffer.from(output)]).subarray(-rememberedBytes)
    hooks.onOutput(output, stream)
  }
  const result = await run({ ...local, hooks: { ...hooks, onOutput } })
  const last = lastLines(tail.toString('utf8'))
  return result.ok || last === '' ? result : fail({ ...result.failure, last })
}
