/**
 * Before a scenario: a cluster that an earlier scenario left unwell is healed; else it is booted anew, once; else it is
 * given up, so that no further scenario fails for what was not its doing.
 */
import { join } from 'node:path'
import type { Timers } from '../cluster/timers.ts'
import type { Cluster, Driver } from '../drivers/driver.ts'
import { healAll } from '../ha/faults/heal-all.ts'
import type { TellScenario } from '../ha/record/scenario-events.ts'
import { Journal } from '../ha/scenario/journal.ts'
import { runSteps, type StepsContext } from '../ha/scenario/run-steps.ts'
import { untilWell, untilWhole } from '../ha/scenario/well.ts'
import { monotonicMs } from '../platform/clock.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { bootAll } from './boot-cluster.ts'
import { readDescription } from './cluster-description.ts'
import { retireCluster } from './retire-cluster.ts'
import { keepStart, keptStart } from './start-facts.ts'
import { readUnwellNote, writeUnwellNote } from './unwell-note.ts'

export interface Use {
  readonly driver: Driver
  readonly cluster: Cluster
  readonly timers: Timers
  readonly settings: ReadonlyMap<string, string>
  /** Logs of the VMs go there before they are booted anew. */
  readonly logDir: string
  readonly signal: AbortSignal
  readonly log: (line: string) => void
  readonly tell: TellScenario
}

export type Usable =
  | { readonly kind: 'usable'; readonly cluster: Cluster }
  | { readonly kind: 'given-up'; readonly because: string }

/** It was given 90 s already, when the scenario ended. */
const healWithinMs = 15_000

export async function usableCluster(use: Use): Promise<Usable> {
  const { cluster, signal, log } = use
  const { stateDir } = cluster
  const note = readUnwellNote(stateDir)
  if (note.since === undefined) return { kind: 'usable', cluster }
  const because = `the cluster is not well since the scenario "${note.since}" (${note.problems.join('; ')})`
  const givenUp = (more: string): Usable => {
    // Who interrupts gives nothing up.
    if (!signal.aborted) writeUnwellNote(stateDir, { ...note, givenUp: true })
    return { kind: 'given-up', because: `${because}; ${more}` }
  }
  if (note.givenUp) return givenUp('healing it did not help')
  log(`${because}: it is healed first`)
  if (await isHealed(use)) {
    writeUnwellNote(stateDir, { problems: [], bootedAnew: note.bootedAnew, givenUp: false })
    return { kind: 'usable', cluster }
  }
  if (note.bootedAnew || signal.aborted) return givenUp('it was booted anew once already')
  log('it is still not well: all VMs boot anew')
  const fresh = await bootAnew(use)
  if (!fresh.ok) return givenUp(`it cannot be booted anew: ${fresh.failure.message}`)
  writeUnwellNote(stateDir, { problems: [], bootedAnew: true, givenUp: false })
  return { kind: 'usable', cluster: fresh.value }
}

async function isHealed(use: Use): Promise<boolean> {
  const { cluster, timers, signal, log } = use
  const healed = await healAll({ cluster, vms: cluster.vms, signal, open: [] })
  if (!healed.ok) log(healed.failure.message)
  const wanted = { withinMs: healWithinMs * cluster.patience, timers }
  const context = stepsOn(cluster, use)
  if (!healed.ok || (await untilWell(context, wanted)).length > 0) return false
  return (await untilWhole(context, { ...wanted, asPods: true })).length === 0
}

/** From what it was started from, with the steps that made it ready. */
async function bootAnew(use: Use): Promise<Result<Cluster>> {
  const { driver, cluster, logDir, signal, log, settings } = use
  const { stateDir } = cluster
  const start = keptStart(stateDir)
  const description = readDescription(stateDir)
  if (!description.ok) return description
  if (start === undefined)
    return fail({
      kind: 'failed',
      message: `Cannot boot "${cluster.name}" anew: nothing says what it was started from`,
    })
  const retired = await retireCluster(driver, stateDir, join(logDir, 'before'))
  if (!retired.ok) return retired
  const wanted = { ...start, driver, stateDir, description: description.value }
  const booted = await bootAll(wanted, 'in place of one that is not well', { log, signal, settings })
  if (!booted.ok) return booted
  keepStart(stateDir, start)
  const ready = await runSteps(start.steps, stepsOn(booted.value.cluster, use))
  if (!ready.ok) return ready
  if (start.stays) booted.value.cluster.keep()
  return ok(booted.value.cluster)
}

function stepsOn(cluster: Cluster, { signal, log, tell }: Use): StepsContext {
  return { cluster, signal, seed: 0, journal: new Journal({ originMs: monotonicMs(), log, tell }) }
}
