/** Collects the logs of a cluster's VMs into the run's folder, and removes the cluster. */
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { chooseDriver } from '../src/drivers/choose-driver.ts'
import { defineTaskType } from '../src/engine/task-type.ts'
import { ok } from '../src/platform/result.ts'

export default defineTaskType({
  name: 'stop-cluster',
  description: "collects the VMs' logs and removes the cluster",
  schema: v.strictObject({ cluster: v.string() }),
  requiresRoot: true,

  async run({ with: { cluster: name }, cacheDir, logDir, settings }) {
    const driver = chooseDriver(settings)
    if (!driver.ok) return driver
    const stateDir = join(cacheDir, 'clusters', name)
    const cluster = await driver.value.find(stateDir)
    for (const vm of cluster?.vms ?? [])
      if (existsSync(vm.logDir)) cpSync(vm.logDir, join(logDir, vm.spec.name), { recursive: true })
    const removed = await driver.value.remove(stateDir)
    return removed.ok ? ok(cluster ? `logs of ${cluster.vms.length} VMs kept` : '') : removed
  },
})
