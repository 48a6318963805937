/** The cluster that a task of the plan will start, known before anything starts. */
import { safeParse } from 'valibot'
import { specOf } from '../../src/cluster/cluster-settings.ts'
import { isVersion, newestKnown } from '../../src/cluster/kubernetes/versions.ts'
import { type ClusterSpec, withRole } from '../../src/cluster/spec.ts'
import { type Timers, timersOf } from '../../src/cluster/timers.ts'
import type { PlannedTask } from '../../src/engine/workflow/task-type.ts'
import { overlayWith } from './overlay-with.ts'
import { startWith } from './start-with.ts'

export interface PlannedCluster {
  readonly spec: ClusterSpec
  readonly timers: Timers
}

/** Undefined when no task of the run starts it, or when its settings are wrong, which others report. */
export function plannedCluster(name: string, planned: readonly PlannedTask[]): PlannedCluster | undefined {
  for (const task of planned) {
    const start = task.type === 'start-cluster' ? safeParse(startWith, task.with) : undefined
    if (!start?.success || start.output.cluster !== name) continue
    const maker = planned.find(one => one.type === 'make-overlay' && one.outputs.includes(start.output.spec))
    const overlay = safeParse(overlayWith, maker?.with)
    if (maker === undefined || !overlay.success) return undefined
    const { cluster, keepalived, kubernetes, cni, profile, preempt } = overlay.output
    const spec = specOf(cluster, {
      keepalived: keepalived !== undefined && maker.needs.includes(keepalived),
      // What own programs are shows when the overlay is made.
      kubernetes: isVersion(kubernetes) ? kubernetes : newestKnown,
      cni,
    })
    if (!spec.ok) return undefined
    const { roles } = start.output
    const vms = roles ? withRole(spec.value, ...roles) : spec.value.vms
    return { spec: { ...spec.value, vms }, timers: timersOf(profile, { preempt }) }
  }
  return undefined
}
