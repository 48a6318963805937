/** Runs a scenario on a running cluster: faults, and checks of what remains true. */
import { join } from 'node:path'
import * as v from 'valibot'
import { chooseDriver } from '../src/drivers/choose-driver.ts'
import { clustersDirOf } from '../src/drivers/clusters-dir.ts'
import { defineTaskType } from '../src/engine/task-type.ts'
import { summarize } from '../src/ha/run-steps.ts'
import { runScenario } from '../src/ha/scenario.ts'
import { stepsSchema } from '../src/ha/steps.ts'
import { failed } from '../src/platform/failure.ts'
import { fail, ok } from '../src/platform/result.ts'

export default defineTaskType({
  name: 'run-scenario',
  description: 'breaks a running cluster and checks what remains true',
  schema: v.strictObject({ cluster: v.string(), steps: stepsSchema }),
  hostTools: ['ip', 'nft', 'nsenter'],
  requiresRoot: true,

  async run(context) {
    const driver = chooseDriver(context.settings)
    if (!driver.ok) return driver
    const name = context.with.cluster
    const cluster = await driver.value.find(join(clustersDirOf(context.projectDir), name))
    if (cluster === undefined)
      return fail(failed(`Cannot run the scenario: cluster "${name}" is not running`, { try: './k8s-ha cluster ls' }))
    const records = await runScenario({
      cluster,
      steps: context.with.steps,
      signal: context.signal,
      log: line => context.log(line),
    })
    return records.ok ? ok(summarize(records.value)) : records
  },
})
