/** A process that makes a cluster of namespaces and is killed, as its arguments say: the plan as JSON, and when. */
import { readState } from '../../src/drivers/cluster-state.ts'
import type { ClusterPlan } from '../../src/drivers/driver.ts'
import { netnsDriver } from '../../src/drivers/netns/netns-driver.ts'

const [planText = '', when] = process.argv.slice(2)
const plan: ClusterPlan = JSON.parse(planText)

if (when === 'booting')
  setInterval(() => {
    if (readState(plan.stateDir)?.holder) process.kill(process.pid, 'SIGKILL')
  }, 1)

const made = await netnsDriver().create(plan, new AbortController().signal)
if (!made.ok) throw new Error(made.failure.message)
if (when === 'kept') made.value.keep()
process.kill(process.pid, 'SIGKILL')
