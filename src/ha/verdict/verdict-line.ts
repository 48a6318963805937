/** A scenario's verdict in the few words that a summary has room for. */
import type { ClusterFacts, Measure, ScenarioRecord } from '../record/record.ts'
import { summarize } from '../record/step-figures.ts'

const shown = ['reads', 'writes'] as const
/** Shown where they have a budget, and where versions changed. */
const counted = { 'failed-reads': 'reads failed', 'failed-writes': 'writes failed' } as const

type Replaced = Pick<ClusterFacts, 'insteadOf' | 'versions'>

/** "reads 3.9 of 4.2 s · writes 3.9 of 4.2 s · 0 of 811 writes lost · etcd-healthy 3 → 2 → 3" */
export function verdictLine({
  measures,
  lostWrites,
  steps,
  cluster,
}: Pick<ScenarioRecord, 'measures' | 'lostWrites' | 'steps'> & { readonly cluster: Replaced }): string {
  const figures = shown.flatMap(name => measures.filter(({ measure }) => measure === name).map(figure))
  const isUpgrade = Object.values(cluster.versions).some(version => version.includes('→'))
  const failed = Object.entries(counted).flatMap(([name, words]) =>
    measures
      .filter(({ measure, limit }) => measure === name && (isUpgrade || limit !== null))
      .map(one => `${one.measured} ${words}`),
  )
  const lost = lostWrites === null ? [] : [`${lostWrites} writes lost`]
  return [insteadOfLine(cluster), ...severalVersions(cluster), ...figures, ...failed, ...lost, summarize(steps)]
    .filter(Boolean)
    .join(' · ')
}

/** "kubernetes 1.35.4 → 1.36.3", "kubelet 1.34.4, 1.37.2": what changed, or is not the same everywhere. */
const severalVersions = ({ versions }: Replaced): readonly string[] =>
  Object.entries(versions).flatMap(([name, version]) => (/[→,]/.test(version) ? [`${name} ${version}`] : []))

/** "Kubernetes 1.20.2 INSTEAD OF 1.36.3": a reader of the verdict must know what it is about. */
export const insteadOfLine = ({ insteadOf, versions }: Replaced): string =>
  insteadOf === null ? '' : `Kubernetes ${versions.kubernetes ?? ''} INSTEAD OF ${insteadOf}`

function figure({ measure, measured, limit }: Measure): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(1)
  const budget = limit === null ? '' : ` of ${seconds(limit)}`
  return `${measure} ${seconds(measured)}${budget} s`
}
