/** The part of a run that changes something: checks first, then tasks by the queue, guarded against a sudden end. */
import { type Failure, together } from '../../platform/failure.ts'
import { systemFailure } from '../../platform/system-error.ts'
import { LocalRunner } from '../runners/local-runner.ts'
import { MadePlaces } from '../store/made-places.ts'
import { checkBeforeStart } from './checks/before-start.ts'
import { cleanUpAfterKilledRun } from './killed-run.ts'
import { performTask } from './perform-task.ts'
import { poolsOf } from './pools.ts'
import { pruneAfterRun } from './prune-after-run.ts'
import type { PreparedRun, RunContext } from './run-context.ts'
import { shareStore } from './run-locks.ts'
import { Scheduler, shuffler } from './scheduler.ts'

/** A failure when nothing was started; else every task has ended. */
export async function executeTasks(run: PreparedRun): Promise<Failure | undefined> {
  const { project, how, state, results, standing, log } = run
  const pools = poolsOf(how)
  const places = new MadePlaces(project.projectDir)
  const problems = await checkBeforeStart({ ...run, pools, places }, name => standing.has(name))
  if (problems.length > 0) return together(problems)
  await cleanUpAfterKilledRun(run)
  const lock = await shareStore(project.cacheDir, { signal: how.signal, warn: text => log.warn(text) })
  if (!lock.ok) return lock.failure
  try {
    state.setMarker({ run: log.run })
  } catch (error) {
    lock.value.release()
    return systemFailure(`Cannot prepare a run in ${project.cacheDir}`, error)
  }
  const local = new LocalRunner(
    { project, settings: how.settings, sandbox: how.sandbox, terminal: how.terminal },
    state,
  )
  try {
    await schedulerOf({ ...run, pools, places, runner: how.runner?.(local) ?? local }).run()
    state.clearMarker()
    await project.remote?.finish(how.signal)
  } finally {
    await local.close()
    lock.value.release()
  }
  await pruneAfterRun(project, results.addedBytes, log)
  return undefined
}

function schedulerOf(context: RunContext): Scheduler {
  const { selection, how, standing, pools, log } = context
  return new Scheduler({
    tasks: selection.tasks,
    standing,
    pools,
    shuffle: shuffler(how.shuffleSeed),
    perform: (task, hasRun) => performTask(task, context, hasRun),
    passOver: (task, { status, because }) => {
      const ended = { task: task.name, status, because, durationMs: 0, started: false }
      log.taskEnded(ended)
      return ended
    },
  })
}
