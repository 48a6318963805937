/** Runs a scenario on a running cluster, and judges what clients saw meanwhile. */
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import * as v from 'valibot'
import { chooseDriver, driverNeeds } from '../src/drivers/choose-driver.ts'
import { cpuSlowness } from '../src/drivers/slowness.ts'
import { type CheckContext, defineTaskType, type TaskContext } from '../src/engine/workflow/task-type.ts'
import { actionNames } from '../src/ha/actions/actions.ts'
import { checks } from '../src/ha/checks/checks.ts'
import { unjudged } from '../src/ha/scenario/judge.ts'
import { resolveScenario } from '../src/ha/scenario/resolve-scenario.ts'
import { runScenario } from '../src/ha/scenario/scenario.ts'
import type { Outcome } from '../src/ha/scenario/scenario-options.ts'
import { scenarioEntries } from '../src/ha/scenario/scenario-schema.ts'
import { lackOf, stepProblems, validateSteps } from '../src/ha/scenario/validate-steps.ts'
import { checkBudgets } from '../src/ha/verdict/budgets.ts'
import { invariantNames } from '../src/ha/verdict/invariants.ts'
import { measureNames } from '../src/ha/verdict/measures.ts'
import { readDescription } from '../src/lifecycle/cluster-description.ts'
import { clustersDirOf } from '../src/lifecycle/clusters-dir.ts'
import { readUnwellNote, writeUnwellNote } from '../src/lifecycle/unwell-note.ts'
import { usableCluster } from '../src/lifecycle/usable-cluster.ts'
import { failed } from '../src/platform/failure.ts'
import { fail, ok } from '../src/platform/result.ts'
import { concludeScenario, telling } from './cluster/conclude-scenario.ts'
import { plannedCluster } from './cluster/planned-cluster.ts'

const catchers = [...invariantNames, ...measureNames, ...Object.keys(checks), ...actionNames, 'probes']

const common = {
  cluster: v.string(),
  /** For testing the tests: passes only when the scenario fails, and gives this reason. */
  'expect-caught': v.optional(
    v.picklist(catchers, issue => `no scenario can fail because of ${issue.received}: ${catchers.join(', ')}`),
  ),
}
const inFile = v.pipe(
  v.strictObject({ ...common, scenario: v.string() }),
  v.transform(given => ({ ...given, inline: undefined })),
)
const inline = v.pipe(
  v.strictObject({ ...common, ...scenarioEntries }),
  v.transform(({ cluster, 'expect-caught': expectCaught, ...text }) => ({
    ...{ cluster, 'expect-caught': expectCaught },
    ...{ scenario: undefined, inline: text },
  })),
)
type With = v.InferOutput<typeof inFile> | v.InferOutput<typeof inline>
/** By what is given, so that a mistake is reported for that form, and not for both. */
const schema: v.GenericSchema<unknown, With> = v.lazy(
  (given): v.GenericSchema<unknown, With> =>
    typeof given === 'object' && given !== null && 'scenario' in given ? inFile : inline,
)

export default defineTaskType({
  name: 'run-scenario',
  description: 'breaks a running cluster, and judges what clients saw meanwhile',
  schema,
  needsWith: driverNeeds,
  check,

  async run(context) {
    const driver = chooseDriver(context.settings)
    if (!driver.ok) return driver
    const resolved = resolveScenario(context.projectDir, context.task, context.with)
    if (!resolved.ok) return resolved
    const { scenario } = resolved.value
    const name = context.with.cluster
    const stateDir = join(clustersDirOf(context.projectDir), name)
    const found = await driver.value.find(stateDir)
    if (found === undefined)
      return fail(failed(`Cannot run the scenario: cluster "${name}" is not running`, { try: './k8s-ha cluster ls' }))
    const { spec } = found
    const lacking = scenario.skipWithout.flatMap(verb => lackOf(verb, { spec, kinds: driver.value.faults }) ?? [])
    if (lacking.length > 0) return ok(`SKIPPED: ${lacking.join(', ')}`)
    const described = readDescription(stateDir)
    if (!described.ok) return described
    const { timers } = described.value
    const meant = validateSteps(spec, scenario.steps)
    if (!meant.ok) return meant
    const how = {
      scenario,
      task: context.task,
      timers,
      driver: driver.value.name,
      defect: described.value.defect ?? null,
      insteadOf: described.value.insteadOf ?? null,
      seed: seedOf(context),
      slowness: cpuSlowness(),
      ...(context.with['expect-caught'] === undefined ? {} : { giveUpAfterMs: withBrokenMs * found.patience }),
      historyFile: join(context.logDir, 'history.ndjson'),
      signal: context.signal,
      log: (line: string) => context.log(line),
      tell: telling(context),
    }
    const { settings, logDir } = context
    const usable = await usableCluster({ ...how, driver: driver.value, cluster: found, settings, logDir })
    if (usable.kind === 'given-up') {
      const outcome = await unjudged({ ...how, cluster: found }, usable.because)
      return concludeScenario(context, outcome, context.with['expect-caught'])
    }
    const outcome = await runScenario({ ...how, cluster: usable.cluster })
    if (!outcome.ok) return outcome
    noteUnwell(stateDir, outcome.value)
    return concludeScenario(context, outcome.value, context.with['expect-caught'])
  },
})

/** For the scenarios after this one. */
function noteUnwell(stateDir: string, { record }: Outcome): void {
  const unwell = record.invariants.find(({ name, holds }) => name === 'well-at-the-end' && !holds)
  if (unwell === undefined) return
  const { bootedAnew, givenUp } = readUnwellNote(stateDir)
  writeUnwellNote(stateDir, { since: record.scenario, problems: [unwell.seen], bootedAnew, givenUp })
}

/** What is broken on purpose may never be well again. */
const withBrokenMs = 25_000

/** The user's, to see the same again; else a new one. */
function seedOf({ settings }: TaskContext<With>): number {
  const given = settings.get('seed') ?? ''
  return given === '' ? randomInt(10 ** 9) : Number(given)
}

/** All that can be known to be wrong before a cluster starts. */
function check({ with: options, projectDir, settings, planned }: CheckContext<With>) {
  const resolved = resolveScenario(projectDir, '', options)
  if (!resolved.ok) {
    const { also = [], ...first } = resolved.failure
    return first.at === undefined ? [{ path: ['scenario'], message: first.message }] : [first, ...also]
  }
  const { scenario, problemAt } = resolved.value
  const cluster = plannedCluster(options.cluster, planned)
  // It may run already: then the scenario is looked at when it starts.
  if (cluster === undefined) return []
  const driver = chooseDriver(settings)
  const kinds = driver.ok ? { kinds: driver.value.faults } : {}
  return [
    ...stepProblems(scenario.steps, { spec: cluster.spec, mayLack: scenario.skipWithout, ...kinds }).map(
      ({ path, message }) => problemAt(['steps', ...path], message),
    ),
    ...checkBudgets(scenario.budgets, cluster.timers, cluster.spec).map(({ path, message }) =>
      problemAt(['budgets', ...path], message),
    ),
  ]
}
