/** The job that a task is to a runner: everything resolved, nothing that only this process has. */
import { failed } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { placeText } from '../../text/source-text.ts'
import type { InputFile } from '../files/inputs.ts'
import { outputPaths } from '../files/output-files.ts'
import type { Fingerprint } from '../plan/fingerprint.ts'
import type { Planner } from '../plan/planner.ts'
import type { Command, Job, JobInput, JobNeed, JobSandbox } from '../runners/runner.ts'
import { isOutputGlob, placesAmong } from '../workflow/output-globs.ts'
import type { Task } from '../workflow/workflow.ts'
import type { RunContext } from './run-context.ts'

interface Attempt {
  readonly print: Fingerprint | undefined
  /** From 1. */
  readonly attempt: number
}

/** A failure: its inputs are not there. */
export function makeJob(task: Task, context: RunContext, { print, attempt }: Attempt): Result<Job> {
  const { selection, planner, log } = context
  const inputs = planner.inputsOf(task)
  if ('failure' in inputs) return fail(inputs.failure)
  const sandbox = sandboxOf(task, context)
  if (!sandbox.ok) return sandbox
  return ok({
    format: 2,
    run: log.run,
    flow: selection.workflow.name,
    task: task.name,
    at: placeText(task.place),
    attempt,
    ...(print ? { key: print.key } : {}),
    command: commandOf(task),
    inputs: jobInputs(inputs.files, print),
    needs: task.needs.map(need => jobNeed(need, context)),
    ...outputsOf(task),
    env: task.env,
    ...(task.dotenv ? { dotenv: task.dotenv } : {}),
    ...(task.interactive ? { interactive: true } : {}),
    ...(sandbox.value ? { sandbox: sandbox.value } : {}),
    resources: task.resources,
    timeoutMs: task.timeoutMs,
  })
}

function commandOf({ name, action }: Task): Command {
  if (action.kind === 'group') throw new Error(`The group ${name} has no program`)
  return action.kind === 'uses'
    ? { kind: 'task type', type: action.type, with: action.with }
    : { kind: 'bash', script: action.script }
}

function jobInputs(files: readonly InputFile[], print: Fingerprint | undefined): readonly JobInput[] {
  const parts = print?.parts.flatMap(([kind, path, value]) => (kind === 'input' ? [[path, value] as const] : []))
  const contents = new Map(parts)
  return files.map(({ path, madeBy }) => {
    const content = contents.get(path)
    return { path, ...(madeBy === undefined ? {} : { madeBy }), ...(content === undefined ? {} : { content }) }
  })
}

function outputsOf({ outputs }: Task): Pick<Job, 'outputs' | 'globs'> {
  const globs = outputs.filter(isOutputGlob)
  return { outputs: placesAmong(outputs), ...(globs.length > 0 ? { globs } : {}) }
}

function jobNeed(name: string, { planner, project }: RunContext): JobNeed {
  const digest = planner.outputOf(name)
  const outputs = outputPaths(project.projectDir, outputsBehind(name, planner))
  return { task: name, outputs, ...(digest === undefined ? {} : { digest }) }
}

function outputsBehind(name: string, planner: Planner): readonly string[] {
  const task = planner.taskOf(name)
  if (!task) return []
  return task.action.kind === 'group' ? task.needs.flatMap(need => outputsBehind(need, planner)) : task.outputs
}

function sandboxOf(task: Task, { planner, how }: RunContext): Result<JobSandbox | undefined> {
  if (task.action.kind !== 'run') return ok(undefined)
  if (!task.sandbox) return ok(how.verifyInputs ? { network: true } : undefined)
  const { root, network } = task.sandbox
  const archive = placesAmong(planner.taskOf(root)?.outputs ?? [])[0]
  const digest = planner.outputOf(root)
  if (archive === undefined || digest === undefined)
    return fail(failed(`Task "${task.name}" has no root: "${root}" has no output`, { at: placeText(task.place) }))
  return ok({ network, root: { madeBy: root, archive, digest } })
}
