/**
 * What decides whether a task runs. In this order:
 *  1. it is passed over, because of what happened in the run so far (standing.ts);
 *  2. a group is what its needs are;
 *  3. a clean-up task, one that is not cached and one that declares nothing always run;
 *  4. its needs must have ended;
 *  5. it runs when it is forced;
 *  6. a dry run and `why` run nothing of the project, unless asked to: where a fingerprint command decides, it is unknown;
 *  7. outputs in place that this fingerprint made: up to date (fingerprint.ts, look-up.ts);
 *  8. a result of this fingerprint in the cache, else in the shared one: restored;
 *  9. else it runs.
 * A run, a dry run and `why` show the answer, and decide nothing of their own.
 */

import { systemFailure } from '../../platform/system-error.ts'
import { placeText } from '../../text/source-text.ts'
import type { ResultRecord } from '../store/result-cache.ts'
import type { Task } from '../workflow/workflow.ts'
import type { Fingerprint } from './fingerprint.ts'
import { type InPlace, outputsInPlace } from './look-up.ts'
import type { Planner } from './planner.ts'
import type { Restore, Run, Settled, Unknown, UpToDate } from './settled.ts'
import type { Standing } from './standing.ts'

export interface Plan {
  readonly planner: Planner
  readonly standing: Standing
}

/**
 * `first look`: a run looks for what is up to date before it starts anything; for other answers nothing more is read.
 * `run`: the turn of the task has come. `dry run`: nothing will run, so the result of a need may stay unknown.
 */
export type Asker = 'first look' | 'run' | 'dry run'

/** What may not be read fails its task, and no other one. */
export async function settle(task: Task, plan: Plan, asker: Asker): Promise<Settled> {
  try {
    return await decide(task, plan, asker)
  } catch (error) {
    const at = { kind: 'failed' as const, at: placeText(task.place) }
    const failure = systemFailure(`Cannot find out whether "${task.name}" must run`, error, at)
    return { action: 'fail', because: 'its inputs or outputs cannot be read', failure }
  }
}

async function decide(task: Task, plan: Plan, asker: Asker): Promise<Settled> {
  const passedOver = asker === 'run' ? plan.standing.passedOver(task) : undefined
  if (passedOver) return passedOver
  if (task.action.kind === 'group') return settleGroup(task, plan, asker)
  if (task.cleans !== undefined) return alwaysRun(`cleans up after ${task.cleans}`)
  if (task.always || !task.cache) return alwaysRun(task.declaresNothing ? 'declares no inputs' : 'always runs')
  return waitForNeeds(task, plan) ?? settleByFingerprint(task, plan.planner, asker)
}

const alwaysRun = (because: string): Run => ({ action: 'run', because, changes: [] })
const unknown = (because: string): Unknown => ({ action: 'unknown', because })

function settleGroup(task: Task, { planner, standing }: Plan, asker: Asker): Settled {
  const open = standing.openNeed(task)
  if (open !== undefined) return unknown(`unknown until ${open} has run`)
  planner.settled(task, { digest: planner.groupOutput(task), inPlace: true })
  if (asker === 'run') return { action: 'group', status: 'executed', because: 'its needs are done' }
  const restorable = standing.restorableNeed(task)
  return restorable === undefined
    ? { action: 'up-to-date', because: 'its needs are up to date' }
    : { action: 'group', status: 'would-restore', because: `${restorable} would be restored` }
}

function waitForNeeds(task: Task, { planner, standing }: Plan): Unknown | undefined {
  const open = standing.openNeed(task)
  if (open !== undefined) return unknown(`unknown until ${open} has run`)
  const restorable = standing.restorableNeed(task)
  // What a restored need brings is known by its digest; what commands or inputs would see of it is not.
  return restorable !== undefined && planner.seesOutputsOfNeeds(task)
    ? unknown(`unknown until ${restorable} is restored`)
    : undefined
}

async function settleByFingerprint(task: Task, planner: Planner, asker: Asker): Promise<Settled> {
  if (!planner.mayFingerprint(task))
    return planner.isForced(task) ? alwaysRun('forced') : unknown('unknown until its commands run')
  const result = await planner.fingerprint(task)
  if ('failure' in result)
    return { action: 'fail', because: 'its fingerprint cannot be computed', failure: result.failure }
  const print = result.fingerprint
  if (planner.isForced(task)) return { action: 'run', because: 'forced', print, changes: [] }
  const found = await planner.lookUp.inPlace(task, print)
  if ('output' in found) return upToDate(task, planner, { print, ...found })
  if (asker === 'first look') return unknown('something changed')
  return settleByResults(task, planner, { asker, print, record: found.record })
}

interface Missing {
  readonly asker: Asker
  readonly print: Fingerprint
  /** What the store on this disk has. */
  readonly record: ResultRecord | undefined
}

/** Nothing in place is known to be right. */
async function settleByResults(task: Task, planner: Planner, { asker, print, record }: Missing): Promise<Settled> {
  const { lookUp } = planner
  const { because, changes } = await lookUp.reason(task, print)
  const found = await lookUp.stored(task, print, record)
  const stored = 'manifest' in found && asker === 'dry run' ? await lookUp.checked(found) : found
  if ('manifest' in stored) return restore(task, planner, { asker, print, because, changes, ...stored })
  // What a check found wrong, a run would find while it restores: it does not ask the shared store then.
  const remote = 'manifest' in found ? undefined : await lookUp.remote(task, print)
  if (!remote) return { action: 'run', because: because + stored.problem, print, changes }
  if (await lookUp.isInPlace(task, remote.record))
    return upToDate(task, planner, { print, ...outputsInPlace(remote.record) })
  const { manifest } = remote
  return restore(task, planner, { asker, print, because, changes, record: remote.record, manifest, remote })
}

function upToDate(task: Task, planner: Planner, found: InPlace & { readonly print: Fingerprint }): UpToDate {
  const { because, print, output, note } = found
  planner.settled(task, { digest: output, inPlace: true })
  planner.remember(task, print, { output, note })
  return { action: 'up-to-date', because, print, note }
}

function restore(task: Task, planner: Planner, found: Omit<Restore, 'action'> & { readonly asker: Asker }): Restore {
  const { asker, ...result } = found
  // Those who need it see what it would bring.
  if (asker === 'dry run') planner.settled(task, { digest: result.record.output, inPlace: true })
  return { action: 'restore', ...result }
}
