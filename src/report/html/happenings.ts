/** What the timeline shows, in words and in order: faults, moves of the VIP, leaders, leases, outages. */
import type { ScenarioRecord } from '../../ha/record/record.ts'
import type { Html } from './markup.ts'
import { dataTable } from './table.ts'
import { timeText } from './track.ts'

interface Happening {
  readonly atMs: number
  readonly what: string
}

export function happenings(record: ScenarioRecord): Html | undefined {
  const all = [
    ...faultsOf(record),
    ...heldOf(record),
    ...record.nodes.flatMap(({ node, notReady }) =>
      notReady.flatMap(({ fromMs, toMs }) => pair([fromMs, `${node} is not Ready`], [toMs, `${node} is Ready again`])),
    ),
    ...record.probes.flatMap(({ name, vm, outages }) => {
      const probe = vm === null ? name : `${name} ${vm}`
      return outages.flatMap(({ fromMs, toMs }) => {
        const after = toMs === null ? '' : `, after ${timeText(toMs - fromMs)}`
        return pair([fromMs, `${probe}: no answer from here on`], [toMs, `${probe}: answered again${after}`])
      })
    }),
    ...(record.watch?.cuts ?? []).map(atMs => ({ atMs, what: 'the watch’s connection ended' })),
  ].toSorted((a, b) => a.atMs - b.atMs)
  if (all.length === 0) return undefined
  const rows = all.map(({ atMs, what }) => [{ content: timeText(atMs) }, { content: what }])
  return dataTable('What happened, in order', ['at', 'what'], rows)
}

function faultsOf({ faults }: ScenarioRecord): readonly Happening[] {
  return faults.flatMap(({ fault, vm, detail, fromMs, toMs }) => {
    const what = `${fault} ${vm}${detail === null ? '' : `, ${detail}`}`
    const isMoment = toMs !== null && toMs - fromMs < 50
    return pair([fromMs, `fault: ${what}`], [isMoment ? null : toMs, `over: ${what}`])
  })
}

/** Only changes: who had it when the probes began, or when the scenario ended, is no happening. */
function heldOf({ vip, raft, leases, tookMs }: ScenarioRecord): readonly Happening[] {
  const spans = [
    ...vip.map(span => ({ ...span, what: `VIP ${span.vip}`, who: span.vm })),
    ...(raft?.leaders ?? []).map(span => ({ ...span, what: 'lead of etcd', who: span.vm })),
    ...leases.flatMap(({ lease, holders }) =>
      holders.map(span => ({ ...span, what: `lease ${lease}`, who: span.holder })),
    ),
  ]
  const first = (what: string) => Math.min(...spans.filter(one => one.what === what).map(({ fromMs }) => fromMs))
  return spans.flatMap(({ fromMs, toMs, what, who }) => [
    ...(fromMs > first(what) ? [{ atMs: fromMs, what: `${who} has the ${what}` }] : []),
    ...(toMs !== null && toMs < tookMs - 100 ? [{ atMs: toMs, what: `${who} no longer has the ${what}` }] : []),
  ])
}

function pair(begin: readonly [number, string], end: readonly [number | null, string]): readonly Happening[] {
  const [endMs, over] = end
  return [{ atMs: begin[0], what: begin[1] }, ...(endMs === null ? [] : [{ atMs: endMs, what: over }])]
}
