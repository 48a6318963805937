/** A scenario's verdict in the few words that a summary has room for. */
import type { Measure, ScenarioRecord } from '../record/record.ts'
import { summarize } from '../record/step-figures.ts'

const shown = ['reads', 'writes'] as const

/** "reads 3.9 of 4.2 s · writes 3.9 of 4.2 s · 0 of 811 writes lost · etcd-healthy 3 → 2 → 3" */
export function verdictLine({
  measures,
  lostWrites,
  steps,
}: Pick<ScenarioRecord, 'measures' | 'lostWrites' | 'steps'>): string {
  const figures = shown.flatMap(name => measures.filter(({ measure }) => measure === name).map(figure))
  const lost = lostWrites === null ? [] : [`${lostWrites} writes lost`]
  return [...figures, ...lost, summarize(steps)].filter(Boolean).join(' · ')
}

function figure({ measure, measured, limit }: Measure): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(1)
  const budget = limit === null ? '' : ` of ${seconds(limit)}`
  return `${measure} ${seconds(measured)}${budget} s`
}
