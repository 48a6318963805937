/** Runs a scenario on a running cluster and leaves every VM running, however it ends. */
import type { Cluster } from '../drivers/driver.ts'
import { monotonicMs } from '../platform/clock.ts'
import { failed } from '../platform/failure.ts'
import { done, fail, ok, type Result } from '../platform/result.ts'
import { healAll } from './heal-all.ts'
import { Journal } from './journal.ts'
import type { StepRecord } from './record.ts'
import { runSteps } from './run-steps.ts'
import { inState } from './select-vms.ts'
import type { Step } from './steps.ts'
import { validateSteps } from './validate-steps.ts'

export interface ScenarioOptions {
  readonly cluster: Cluster
  readonly steps: readonly Step[]
  readonly signal: AbortSignal
  readonly log: (line: string) => void
}

/** A bare list of what was done; the failure of the first step that did not hold ends it. */
export async function runScenario(options: ScenarioOptions): Promise<Result<readonly StepRecord[]>> {
  const { cluster, steps, signal, log } = options
  const meant = validateSteps(cluster.spec, steps)
  if (!meant.ok) return meant
  const journal = new Journal(monotonicMs(), log)
  const outcome = await runSteps(steps, { cluster, signal, journal, seed: 0 })
  // Whoever interrupted it ends the cluster next.
  if (signal.aborted) return outcome.ok ? ok(journal.steps) : outcome
  const died = outcome.ok ? await diedUnasked(cluster, journal) : done
  const open = journal.faults.filter(({ toMs }) => toMs === null)
  const healed = await healAll({ cluster, signal, open })
  if (!outcome.ok) return outcome
  if (!died.ok) return died
  return healed.ok ? ok(journal.steps) : healed
}

/** A VM that is off although no step turned it off has failed, whatever the checks saw. */
async function diedUnasked(cluster: Cluster, journal: Journal): Promise<Result<void>> {
  const asked = journal.faults.filter(({ toMs }) => toMs === null).map(({ vm }) => vm)
  const off = (await inState(cluster.vms, 'off')).filter(vm => !asked.includes(vm.spec.name))
  if (off.length === 0) return done
  const names = off.map(vm => vm.spec.name).join(', ')
  return fail(failed(`Cannot pass the scenario: ${names} went off by itself`, { log: off[0]?.logDir ?? '' }))
}
