/** Runs a scenario on a running cluster, and judges what clients saw meanwhile. */
import { randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { chooseDriver } from '../src/drivers/choose-driver.ts'
import { clustersDirOf } from '../src/drivers/clusters-dir.ts'
import { defineTaskType, type TaskContext } from '../src/engine/task-type.ts'
import { runScenario, type Scenario } from '../src/ha/scenario.ts'
import { scenarioEntries } from '../src/ha/scenario-schema.ts'
import { validateSteps } from '../src/ha/validate-steps.ts'
import { verdictLine } from '../src/ha/verdict/verdict-line.ts'
import { failed } from '../src/platform/failure.ts'
import { fail, ok } from '../src/platform/result.ts'
import { readDescription } from './support/cluster-description.ts'

const cluster = v.string()
const schema = v.union([v.strictObject({ cluster, ...scenarioEntries })])
type With = v.InferOutput<typeof schema>

export default defineTaskType({
  name: 'run-scenario',
  description: 'breaks a running cluster, and judges what clients saw meanwhile',
  schema,
  hostTools: ['ip', 'nft', 'nsenter'],
  requiresRoot: true,

  async run(context) {
    const driver = chooseDriver(context.settings)
    if (!driver.ok) return driver
    const name = context.with.cluster
    const stateDir = join(clustersDirOf(context.projectDir), name)
    const cluster = await driver.value.find(stateDir)
    if (cluster === undefined)
      return fail(failed(`Cannot run the scenario: cluster "${name}" is not running`, { try: './k8s-ha cluster ls' }))
    const described = readDescription(stateDir)
    if (!described.ok) return described
    const scenario = scenarioOf(context)
    const meant = validateSteps(cluster.spec, scenario.steps)
    if (!meant.ok) return meant
    const outcome = await runScenario({
      cluster,
      scenario,
      task: context.task,
      timers: described.value.timers,
      driver: driver.value.name,
      defect: null,
      seed: randomInt(2 ** 31),
      historyFile: join(context.logDir, 'history.ndjson'),
      signal: context.signal,
      log: line => context.log(line),
    })
    if (!outcome.ok) return outcome
    const { record, failure } = outcome.value
    const recordFile = join(context.logDir, 'scenario.json')
    writeFileSync(recordFile, `${JSON.stringify(record, undefined, 2)}\n`)
    return failure === undefined ? ok(verdictLine(record)) : fail({ log: recordFile, ...failure })
  },
})

function scenarioOf({
  task,
  with: { description, steps, probes, budgets, 'may-restart': mayRestart },
}: TaskContext<With>): Scenario {
  return { name: task, description, steps, probes, budgets, mayRestart }
}
