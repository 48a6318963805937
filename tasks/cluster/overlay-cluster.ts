/** The cluster that an overlay is made for: built from settings, or read from the description of another overlay. */
import { readFile } from 'node:fs/promises'
import { specOf } from '../../src/cluster/cluster-settings.ts'
import { isCniFolder } from '../../src/cluster/cni/folder-cni.ts'
import type { ClusterDescription } from '../../src/cluster/render/describe-cluster.ts'
import { timersOf } from '../../src/cluster/timers.ts'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { usage } from '../../src/platform/failure.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'
import { readWants } from '../node-files/cni-folder.ts'
import { readChosen } from '../programs/chosen.ts'
import { otherVersions } from './other-versions.ts'
import type { OverlayWith } from './overlay-with.ts'

type OverlayCluster = Pick<ClusterDescription, 'spec' | 'timers' | 'insteadOf'>

/** `keepalived`: whether the overlay will have it. */
export async function overlayCluster(
  context: TaskContext<OverlayWith>,
  keepalived: boolean,
): Promise<Result<OverlayCluster>> {
  if ('cluster-of' in context.with) return clusterOf(context, context.with['cluster-of'], keepalived)
  const { cluster, cni, profile, preempt, 'kube-proxy': kubeProxy, 'node-api': nodeApi } = context.with
  const { version, insteadOf } = await fetchedVersion(context, context.with.kubernetes)
  const { other } = context.with
  const others = new Map<string | undefined, string | undefined>()
  for (const need of [other?.kubernetes, other?.etcd]) others.set(need, (await fetchedVersion(context, need)).version)
  const spec = specOf(cluster, {
    ...{ keepalived, kubernetes: version, cni, kubeProxy, nodeApi },
    ...otherVersions(other, need => others.get(need)),
  })
  if (!spec.ok) return spec
  const wants = isCniFolder(cni) ? await readWants(context.projectDir, cni) : undefined
  if (wants !== undefined && 'problem' in wants) return fail(usage(`Cannot use the CNI "${cni}": ${wants.problem}`))
  const more = wants === undefined ? {} : { cniWants: wants }
  return ok({
    spec: { ...spec.value, ...more },
    timers: timersOf(profile, { preempt }),
    ...(insteadOf ? { insteadOf } : {}),
  })
}

/** Empty for a cluster without Kubernetes: nothing was fetched. */
async function fetchedVersion(
  { needs }: TaskContext<OverlayWith>,
  need: string | undefined,
): Promise<{ readonly version?: string; readonly insteadOf?: string | undefined }> {
  const [folder] = needs.get(need ?? '') ?? []
  return folder === undefined ? {} : await readChosen(folder)
}

async function clusterOf(
  { task, needs }: TaskContext<OverlayWith>,
  need: string,
  keepalived: boolean,
): Promise<Result<OverlayCluster>> {
  const [, file] = needs.get(need) ?? []
  if (file === undefined)
    return fail(usage(`Task "${task}" wants the cluster of "${need}", which is no overlay among its needs`))
  const { spec, timers, insteadOf }: ClusterDescription = JSON.parse(await readFile(file, 'utf8'))
  if (spec.keepalived !== keepalived)
    return fail(usage(`Task "${task}" and "${need}" do not agree: only one of them has keepalived`))
  return ok({ spec, timers, ...(insteadOf ? { insteadOf } : {}) })
}
