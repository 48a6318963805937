/** The part of a run that changes something: checks first, then tasks by the queue, guarded against a sudden end. */
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type BaseIssue, safeParse } from 'valibot'
import { timestamp } from '../platform/clock.ts'
import { environment, type Failure, usage } from '../platform/failure.ts'
import { removeTree } from '../platform/files.ts'
import { sweepLeftovers } from '../platform/leftovers.ts'
import { tryLock } from '../platform/lock.ts'
import { stageDir, storeLockFile, temporaryDir } from './cache-layout.ts'
import type { Emit } from './events.ts'
import { heldPoolProblems } from './held-pools.ts'
import { together } from './load-workflow.ts'
import { optionFailure } from './option-failure.ts'
import { performTask } from './perform-task.ts'
import { closePrograms, type Performer } from './performer.ts'
import type { Planner } from './planner.ts'
import type { RunOptions } from './project.ts'
import type { ProjectState } from './project-state.ts'
import { pruneAfterRun } from './prune-after-run.ts'
import { Pools } from './resource-queue.ts'
import { storageProblem } from './restore-outputs.ts'
import { shareStore } from './run-locks.ts'
import type { RunLog } from './run-log.ts'
import { type Ended, Scheduler, shuffler } from './scheduler.ts'
import { placeText } from './source-text.ts'
import type { OptionProblem, PlannedTask } from './task-type.ts'
import type { Task, Workflow } from './workflow.ts'

export interface Execution {
  readonly options: RunOptions
  readonly workflow: Workflow
  readonly tasks: readonly Task[]
  readonly planner: Planner
  readonly state: ProjectState
  readonly log: RunLog
  readonly ended: Map<string, Ended>
}

const never = new AbortController().signal

/** A failure when nothing was started; else every task has ended. */
export async function executeTasks(execution: Execution): Promise<Failure | undefined> {
  const { options, state, log, planner, tasks } = execution
  const problems = await checkBeforeStart(execution)
  if (problems.length > 0) return together(problems)
  await cleanUpAfterKilledRun(execution)
  const lock = await shareStore(options)
  if (!lock.ok) return lock.failure
  try {
    state.setMarker({ run: log.run })
  } catch (error) {
    lock.value.release()
    return environment(`Cannot prepare a run in ${options.cacheDir}: ${storageProblem(error)}`)
  }
  const performer: Performer = {
    options,
    planner,
    state,
    log,
    programs: undefined,
    tell: log.tell,
    taskOf: taskFinder(tasks),
    signal: options.signal ?? never,
    hardSignal: options.hardSignal ?? never,
    stored: 0,
  }
  try {
    await scheduler(execution, performer).run()
    state.clearMarker()
    await options.remote?.finish(performer.signal)
  } finally {
    await closePrograms(performer)
    lock.value.release()
  }
  await pruneAfterRun(options, performer.stored, log.tell)
  return undefined
}

function taskFinder(tasks: readonly Task[]): (name: string) => Task | undefined {
  const byName = new Map(tasks.map(task => [task.name, task]))
  return name => byName.get(name)
}

function scheduler({ options, tasks, ended, log }: Execution, performer: Performer): Scheduler {
  const pools = new Pools({ ...options.pools, cpu: coresOf(options) })
  return new Scheduler({
    tasks,
    ended,
    pools,
    keepGoing: options.keepGoing ?? false,
    keep: options.keep ?? false,
    keepOnFailure: options.keepOnFailure ?? false,
    signal: performer.signal,
    shuffle: shuffler(options.shuffleSeed),
    perform: (task, hasRun) => performTask(task, performer, hasRun),
    passOver: (task, status, because) => {
      log.tell({ type: 'task-finished', task: task.name, status, because, durationMs: 0, at: timestamp() })
      return { task: task.name, status, because, durationMs: 0, started: false }
    },
  })
}

const coresOf = (options: RunOptions): number => Math.max(1, options.concurrency ?? availableParallelism())

/** What can be known to be wrong before anything runs, all of it. */
export async function checkBeforeStart({
  options,
  workflow,
  tasks,
  planner,
  ended,
}: Pick<Execution, 'options' | 'workflow' | 'tasks' | 'planner' | 'ended'>): Promise<Failure[]> {
  const open = tasks.filter(task => !ended.has(task.name))
  const problems = heldPoolProblems(open)
  const pools = new Pools({ ...options.pools, cpu: coresOf(options) })
  for (const task of open) {
    const place = { at: placeText(task.place) }
    for (const [pool, amount] of Object.entries(task.resources))
      if (pool !== 'cpu' && amount > pools.size(pool))
        problems.push(
          usage(`Task "${task.name}" wants ${amount} of the pool "${pool}", whose size is ${pools.size(pool)}`, place),
        )
    if ((task.sandbox || (options.verifyInputs && task.action.kind === 'run')) && !options.sandbox)
      problems.push({
        kind: 'environment',
        message: `Cannot run "${task.name}" of ${workflow.name}: there is no sandbox here`,
        ...place,
      })
    if (task.action.kind === 'uses') problems.push(...(await checkOptions(task, tasks, options)))
    problems.push(...missingInputs(task, planner, ended))
  }
  return problems
}

async function checkOptions(task: Task, tasks: readonly Task[], options: RunOptions): Promise<Failure[]> {
  const { action } = task
  const load = action.kind === 'uses' ? options.taskTypes[action.type] : undefined
  if (action.kind !== 'uses' || !load) return []
  const { default: type } = await load()
  const parsed = safeParse(type.schema, action.with)
  const problems = parsed.success
    ? (type.check?.({
        with: parsed.output,
        projectDir: options.projectDir,
        settings: options.settings ?? new Map(),
        planned: tasks.map(plannedTask),
      }) ?? [])
    : parsed.issues.map(issue => wrongOption(task, action.type, issue))
  return Promise.all(
    problems.map(problem => ('kind' in problem ? problem : optionFailure(task, options.projectDir, problem))),
  )
}

function plannedTask({ name, action, needs, outputs }: Task): PlannedTask {
  const uses = action.kind === 'uses' ? action : undefined
  return { name, type: uses?.type, with: uses?.with, needs, outputs }
}

function wrongOption(task: Task, type: string, issue: BaseIssue<unknown>): OptionProblem {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
  const where = path.length === 0 ? '' : ` at "${path.join('.')}"`
  return { path, message: `Task "${task.name}" gives ${type} a wrong "with"${where}: ${issue.message}` }
}

/** Inputs that no task of this run can still make. */
function missingInputs(task: Task, planner: Planner, ended: ReadonlyMap<string, Ended>): Failure[] {
  if (task.inputs.length === 0) return []
  const waits = task.needs.some(need => !ended.has(need))
  const files = waits ? planner.inputs.missingNow(task) : planner.inputs.of(task)
  return files && 'failure' in files ? [files.failure] : []
}

/** A run that was killed left a mark: its processes are ended, and its half-written files removed. */
async function cleanUpAfterKilledRun({ options, state, log }: Execution): Promise<void> {
  const marker = state.marker()
  if (!marker) return
  log.tell({
    type: 'warning',
    text: `The run ${marker.run} did not end in order: cleaning up after it`,
    at: timestamp(),
  })
  const gone = await sweepLeftovers(state.temporaryPrefix, marker.guard)
  if (!gone) log.tell({ type: 'warning', text: `Some processes of the run ${marker.run} do not end`, at: timestamp() })
  removeTree(state.temporaryPrefix)
  removeTree(stageDir(options.projectDir))
  sweepTemporaryFiles(options, log.tell)
}

/** Only while nobody else uses the store, whose files these may be. */
function sweepTemporaryFiles({ cacheDir }: RunOptions, tell: Emit): void {
  const lock = tryLock(storeLockFile(cacheDir), 'exclusive')
  if (!lock) return
  try {
    for (const name of readdirSync(temporaryDir(cacheDir))) removeTree(join(temporaryDir(cacheDir), name))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      tell({
        type: 'warning',
        text: `Cannot remove what a killed run left in ${temporaryDir(cacheDir)}`,
        at: timestamp(),
      })
  } finally {
    lock.release()
  }
}
