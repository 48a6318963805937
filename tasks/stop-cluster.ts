/** Keeps the logs of a cluster's VMs in the run's folder, and removes the cluster. */
import { join } from 'node:path'
import * as v from 'valibot'
import { chooseDriver, driverNeeds } from '../src/drivers/choose-driver.ts'
import { defineTaskType } from '../src/engine/workflow/task-type.ts'
import { clustersDirOf } from '../src/lifecycle/clusters-dir.ts'
import { retireCluster } from '../src/lifecycle/retire-cluster.ts'
import { ok } from '../src/platform/result.ts'

export default defineTaskType({
  name: 'stop-cluster',
  description: "keeps the VMs' logs and removes the cluster",
  schema: v.strictObject({ cluster: v.string() }),
  needsWith: driverNeeds,

  async run({ with: { cluster }, projectDir, logDir, settings }) {
    const driver = chooseDriver(settings)
    if (!driver.ok) return driver
    const logged = await retireCluster(driver.value, join(clustersDirOf(projectDir), cluster), logDir)
    return logged.ok ? ok(`logs of ${logged.value.length} VMs kept`) : logged
  },
})
