/** The part of a run that changes something: checks first, then tasks by the queue, guarded against a sudden end. */
import { environment, type Failure, together } from '../../platform/failure.ts'
import { storageProblem } from '../../platform/files.ts'
import type { RunOptions } from '../run-options.ts'
import type { Machine } from '../runners/local-job.ts'
import { LocalRunner } from '../runners/local-runner.ts'
import { checkBeforeStart, coresOf } from './before-start.ts'
import { cleanUpAfterKilledRun } from './killed-run.ts'
import { performTask } from './perform-task.ts'
import { Pools } from './pools.ts'
import { pruneAfterRun } from './prune-after-run.ts'
import type { Execution, Performer } from './run-context.ts'
import { shareStore } from './run-locks.ts'
import { Scheduler, shuffler } from './scheduler.ts'

const never = new AbortController().signal

/** A failure when nothing was started; else every task has ended. */
export async function executeTasks(execution: Execution): Promise<Failure | undefined> {
  const { options, workflow, state, log, planner, standing, results } = execution
  const problems = await checkBeforeStart(execution, name => standing.has(name))
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
  const local = new LocalRunner(machineOf(options), state)
  const runner = options.runner?.(local) ?? local
  const performer: Performer = {
    options,
    workflow,
    planner,
    standing,
    results,
    state,
    log,
    runner,
    tell: log.tell,
    signal: options.signal ?? never,
    hardSignal: options.hardSignal ?? never,
  }
  try {
    await scheduler(execution, performer).run()
    state.clearMarker()
    await options.remote?.finish(performer.signal)
  } finally {
    await local.close()
    lock.value.release()
  }
  await pruneAfterRun(options, results.addedBytes, log.tell)
  return undefined
}

function machineOf(options: RunOptions): Machine {
  const { settings = new Map<string, string>(), sandbox } = options
  return { project: options, settings, ...(sandbox ? { sandbox } : {}) }
}

function scheduler({ options, tasks, standing, log }: Execution, performer: Performer): Scheduler {
  const pools = new Pools({ ...options.pools, cpu: coresOf(options) })
  return new Scheduler({
    tasks,
    standing,
    pools,
    shuffle: shuffler(options.shuffleSeed),
    perform: (task, hasRun) => performTask(task, performer, hasRun),
    passOver: (task, { status, because }) => {
      const ended = { task: task.name, status, because, durationMs: 0, started: false }
      log.taskEnded(ended)
      return ended
    },
  })
}
