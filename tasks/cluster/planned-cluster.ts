/** The cluster that a task of the plan will start, known before anything starts. */
import { safeParse } from 'valibot'
import { specOf } from '../../src/cluster/cluster-settings.ts'
import { type ClusterSpec, withRole } from '../../src/cluster/spec.ts'
import { type Timers, timersOf } from '../../src/cluster/timers.ts'
import type { PlannedTask } from '../../src/engine/workflow/task-type.ts'
import { fetchWith } from '../programs/fetch-with.ts'
import { writtenVersion } from '../upgrade/version-in.ts'
import { otherVersions } from './other-versions.ts'
import { type OwnCluster, overlayWith } from './overlay-with.ts'
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
    const cluster = plannedOverlay(start.output.overlay, planned)
    const { roles } = start.output
    if (cluster === undefined || roles === undefined) return cluster
    return { ...cluster, spec: { ...cluster.spec, vms: withRole(cluster.spec, ...roles) } }
  }
  return undefined
}

/** The cluster of the overlay that this task makes. */
function plannedOverlay(name: string, planned: readonly PlannedTask[]): PlannedCluster | undefined {
  const maker = planned.find(one => one.type === 'make-overlay' && one.name === name)
  const parsed = maker && safeParse(overlayWith, maker.with)
  if (!parsed?.success) return undefined
  const { output } = parsed
  if (!('cluster-of' in output)) return builtFrom(output, maker?.needs ?? [], planned)
  return output['cluster-of'] === name ? undefined : plannedOverlay(output['cluster-of'], planned)
}

function builtFrom(
  {
    cluster,
    keepalived,
    kubernetes,
    other,
    cni,
    profile,
    preempt,
    'kube-proxy': kubeProxy,
    'node-api': nodeApi,
  }: OwnCluster,
  needs: readonly string[],
  planned: readonly PlannedTask[],
): PlannedCluster | undefined {
  const spec = specOf(cluster, {
    keepalived: keepalived !== undefined && needs.includes(keepalived),
    kubernetes: plannedVersion(kubernetes, planned),
    ...{ cni, kubeProxy, nodeApi },
    ...otherVersions(other, fetch => fetch && (plannedVersion(fetch, planned) ?? 'own')),
  })
  return spec.ok ? { spec: spec.value, timers: timersOf(profile, { preempt }) } : undefined
}

/** Undefined where it shows only when the programs are there: own ones, and what comes instead of the default. */
function plannedVersion(fetch: string | undefined, planned: readonly PlannedTask[]): string | undefined {
  const task = planned.find(one => one.type === 'fetch-programs' && one.name === fetch)
  const parsed = safeParse(fetchWith, task?.with)
  if (!parsed.success) return undefined
  const { product, version } = parsed.output
  return version === 'image' ? version : writtenVersion(product, version)
}
