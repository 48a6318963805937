/** All that one record says, as a section of the page. */
import type { Measure, ScenarioRecord } from '../../ha/record/record.ts'
import { formatDuration } from '../format-duration.ts'
import { amount, cpuWaitText, failovers, wasMeasured } from '../scenario-figures.ts'
import { badge } from './badge.ts'
import { happenings } from './happenings.ts'
import { type Html, html } from './markup.ts'
import { type Cell, dataTable } from './table.ts'
import { timeline } from './timeline.ts'
import { latencyText, outageText, timeText } from './track.ts'

interface SectionNames {
  readonly id: string
  readonly label: string
}

export function scenarioSection(record: ScenarioRecord, { id, label }: SectionNames): Html {
  const { task, description, verdict, cluster, seed, tookMs } = record
  const where = `${label === task ? '' : `task ${task}, `}${cluster.family}, etcd ${cluster.topology}, cluster ${cluster.name}, seed ${seed}, ${formatDuration(tookMs)}`
  return html`<section class="scenario card" id="${id}" aria-labelledby="${id}-name">
<div class="head"><h2 id="${id}-name">${label}</h2>${badge(verdict)}</div>
<p>${description} <small>${where}</small></p>
${cluster.defect === null ? undefined : html`<p><strong>Planted defect:</strong> ${cluster.defect}</p>`}
${reasons(record)}
${drawn(record)}
${budgets(record)}
${invariants(record)}
${record.verdict === 'skipped' ? undefined : details(record)}
${logs(record)}
</section>
`
}

function reasons({ verdict, reasons: all }: ScenarioRecord): Html | undefined {
  if (all.length === 0) return undefined
  return html`<ul class="reasons${verdict === 'failed' ? '' : ' soft'}">${all.map(reason => html`<li>${reason}</li>`)}</ul>`
}

function drawn(record: ScenarioRecord): Html | undefined {
  const figure = timeline(record)
  return figure === undefined ? undefined : html`<h3>Timeline</h3>${figure}`
}

function budgets({ measures }: ScenarioRecord): Html | undefined {
  if (measures.length === 0) return undefined
  const rows = measures
    .filter(({ limit }) => limit !== null)
    .map((measure): readonly Cell[] => [
      { content: measure.measure },
      { content: amountText(measure), class: `n${measure.holds ? '' : ' over'}` },
      { content: meter(measure) },
      { content: html`<small>${measure.because}</small>` },
    ])
  const heads = ['measure', 'measured', 'of its budget', 'where the limit comes from']
  const others = measures.filter(({ limit }) => limit === null).map(one => `${one.measure} ${amount(one)}`)
  return html`<h3>Measured, and what was allowed</h3>${rows.length === 0 ? undefined : dataTable('Measures and budgets', heads, rows)}
${others.length === 0 ? undefined : html`<p class="info"><small>Without a budget: ${others.join(', ')}</small></p>`}`
}

const amountText = (measure: Measure): string =>
  wasMeasured(measure) ? `${amount(measure)}${measure.holds ? '' : ', too much'}` : 'not measured'

/** The mark is the limit. */
function meter(measure: Measure): Html | undefined {
  const { limit, measured, holds } = measure
  if (limit === null || limit === 0 || !wasMeasured(measure)) return undefined
  const full = Math.max(limit, measured)
  const [width, mark] = [(measured / full) * 100, (limit / full) * 100]
  return html`<div class="meter${holds ? '' : ' over'}" role="img" aria-label="${Math.round((measured / limit) * 100)} % of the limit"><i style="width:${width.toFixed(1)}%"></i><b style="left:calc(${mark.toFixed(1)}% - 2px)"></b></div>`
}

function invariants(record: ScenarioRecord): Html | undefined {
  if (record.invariants.length === 0) return undefined
  const rows = record.invariants.map(({ name, claim, holds, seen }): readonly Cell[] => [
    { content: name },
    { content: holds ? '✓ holds' : '✗ broken', class: holds ? 'n' : 'n over' },
    { content: claim },
    { content: html`<small>${seen}</small>` },
  ])
  const table = dataTable('Invariants', ['invariant', 'verdict', 'claim', 'seen'], rows)
  const broken = record.invariants.filter(({ holds }) => !holds).length
  if (broken > 0) return html`<h3>Invariants</h3>${table}`
  return html`<details><summary>Invariants <small>all ${rows.length} hold</small></summary>${table}</details>`
}

function details(record: ScenarioRecord): Html {
  return html`${section('What happened, in order', happenings(record))}${section('Steps', steps(record))}${section('Probes', probes(record))}`
}

const section = (title: string, content: Html | undefined): Html | undefined =>
  content === undefined ? undefined : html`<details><summary>${title}</summary>${content}</details>`

function steps(record: ScenarioRecord): Html | undefined {
  if (record.steps.length === 0) return undefined
  const rows = record.steps.map(({ step, seen, holds, fromMs, toMs, figure }): readonly Cell[] => [
    { content: step },
    { content: holds ? '✓ done' : '✗ failed', class: holds ? 'n' : 'n over' },
    { content: timeText(fromMs), class: 'n' },
    { content: toMs === null ? 'not ended' : formatDuration(toMs - fromMs), class: 'n' },
    { content: figure === null ? seen : `${seen} · ${figure}` },
  ])
  return dataTable('Steps', ['step', 'outcome', 'began', 'took', 'seen'], rows)
}

function probes(record: ScenarioRecord): Html | undefined {
  if (record.probes.length === 0) return undefined
  const latency = (ms: number | null) => (ms === null ? '–' : latencyText(ms))
  const rows = record.probes.map((probe): readonly Cell[] => [
    { content: html`${probe.name}${probe.vm === null ? '' : ` ${probe.vm}`}<br><small>${probe.how}</small>` },
    { content: probe.attempts, class: 'n' },
    { content: probe.failures, class: 'n' },
    { content: probe.longestOutageMs > 0 ? outageText(probe.longestOutageMs) : 'none', class: 'n' },
    { content: latency(probe.p50Ms), class: 'n' },
    { content: latency(probe.p99Ms), class: 'n' },
    { content: Object.entries(probe.errors).map(([text, count]) => html`<small>${count} × ${text}</small><br>`) },
  ])
  const heads = ['probe', 'requests', 'failed', 'longest outage', 'p50', 'p99', 'what failed ones said']
  return html`<div>${dataTable('Probes', heads, rows)}${facts(record)}</div>`
}

function facts(record: ScenarioRecord): Html {
  const { watch, raft, probeCost, cpuWait, recoveryMs, lostWrites } = record
  const sentences = [
    ...failovers(record).map(
      ({ vip, from, to, tookMs }) => `VIP ${vip} moved from ${from} to ${to} in ${timeText(tookMs)}.`,
    ),
    ...(lostWrites === null ? [] : [`Lost writes: ${lostWrites}.`]),
    ...(recoveryMs === null ? [] : [`All was well ${timeText(recoveryMs)} after the heal.`]),
    ...(raft === null ? [] : [`etcd: term ${raft.fromTerm} to ${raft.toTerm}, ${raft.elections} elections.`]),
    ...(watch === null
      ? []
      : [
          `Watch: ${watch.events} events, ${watch.gaps} missing, ${watch.duplicates} twice, cut ${watch.cuts.length} times.`,
        ]),
    ...(probeCost === null ? [] : [`The probes took ${(probeCost.coreShare * 100).toFixed(1)} % of one core.`]),
    ...(cpuWait === null ? [] : [cpuWaitText(cpuWait)]),
  ]
  return html`<p class="quiet">${sentences.join(' ')}</p>`
}

function logs(record: ScenarioRecord): Html | undefined {
  if (record.logs.length === 0) return undefined
  return html`<h3>Ends of the logs</h3>${record.logs.map(
    ({ vm, log, tail }) =>
      html`<details><summary>${vm} <small>${log}</small></summary><pre tabindex="0">${tail}</pre></details>`,
  )}`
}
