/** The page of a run: one file that needs nothing else, neither a network nor a script. */
import type { Timers } from '../../cluster/timers.ts'
import type { Measure, ScenarioRecord } from '../../ha/record/record.ts'
import { formatDuration } from '../format-duration.ts'
import type { ReadRun } from '../read-run.ts'
import {
  isUndecided,
  longestFailoverMs,
  measureOf,
  scenarioLabels,
  seconds,
  verdictCounts,
  wasMeasured,
  worstOf,
} from '../scenario-figures.ts'
import { badge } from './badge.ts'
import { graphCard } from './graph-card.ts'
import { type Html, html, trusted } from './markup.ts'
import { scenarioSection } from './scenario-section.ts'
import { style } from './style.ts'
import { type Cell, dataTable } from './table.ts'

export async function runPage(run: ReadRun): Promise<string> {
  const records = run.scenarios.map(({ record }) => record)
  const title = `${run.flow}: ${statusOf(run)}`
  const labels = scenarioLabels(records)
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${title} · k8s-ha</title>
<style>${trusted(style)}</style>
</head>
<body>
${top(run, records)}
<main>
${summary(run, records)}
${await graphCard(run, anchors(records))}
${records.map((record, index) => scenarioSection(record, { id: anchorOf(index), label: labels.get(record.task) ?? record.task }))}
${settings(records)}
</main>
<footer>Made by <code>k8s-ha report</code> from the records in this run’s folder. Times of scenarios are seconds since the scenario began; an outage lasts from the start of the first request that failed to the end of the first one after it that succeeded.</footer>
</body>
</html>
`
  return page.text
}

const statusOf = (run: ReadRun): string => (isUndecided(run) ? 'not judged' : run.status)

const anchorOf = (index: number): string => `scenario-${index + 1}`
const anchors = (records: readonly ScenarioRecord[]): ReadonlyMap<string, string> =>
  new Map(records.map(({ task }, index) => [task, anchorOf(index)]))

function top(run: ReadRun, records: readonly ScenarioRecord[]): Html {
  const took = run.durationMs === undefined ? '' : ` in ${formatDuration(run.durationMs)}`
  const counts = records.length === 0 ? 'no scenario ran' : `${verdictCounts(records)} of ${records.length} scenarios`
  const when = run.startedAt?.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')
  return html`<header class="top">
<h1>${run.flow}</h1>
<p class="lead">${badge(statusOf(run))} ${counts}${took}</p>
<p class="quiet">Run ${run.run}${when === undefined ? '' : `, begun ${when}`}</p>
</header>`
}

function summary(run: ReadRun, records: readonly ScenarioRecord[]): Html {
  const labels = scenarioLabels(records)
  const rows = records.map((record, index): readonly Cell[] => {
    const failover = longestFailoverMs(record)
    return [
      { content: html`<a href="#${anchorOf(index)}">${labels.get(record.task)}</a>` },
      { content: verdictText(record) },
      ...['reads', 'writes', 'keep-alive'].map(name => outageCell(record, name)),
      disturbanceCell(record),
      { content: failover === undefined ? '' : `${seconds(failover)} s`, class: 'n' },
      { content: measureOf(record, 'elections')?.measured, class: 'n' },
      { content: record.lostWrites ?? '', class: `n${(record.lostWrites ?? 0) > 0 ? ' over' : ''}` },
      { content: record.recoveryMs === null ? '' : `${seconds(record.recoveryMs)} s`, class: 'n' },
    ]
  })
  const heads = [
    'scenario',
    'verdict',
    'reads out',
    'writes out',
    'keep-alive out',
    'disturbed',
    'VIP moved',
    'elections',
    'lost writes',
    'recovery',
  ]
  const others = [
    ...run.notRun.map(task => `${task.name} did not run: ${task.note ?? 'the run ended before'}`),
    ...run.problems,
  ]
  return html`<section class="card" aria-labelledby="verdicts"><h2 id="verdicts">Verdicts</h2>
${records.length === 0 ? undefined : dataTable('Verdicts', heads, rows)}
${others.length === 0 ? undefined : html`<ul class="reasons soft">${others.map(text => html`<li>${text}</li>`)}</ul>`}
</section>`
}

/** With the names of what did not hold. */
function verdictText({ verdict, invariants, measures }: ScenarioRecord): Html {
  const broken = [
    ...invariants.filter(({ holds }) => !holds).map(({ name }) => name),
    ...measures.filter(({ holds }) => !holds).map(({ measure }) => measure),
  ]
  return html`${badge(verdict)}${broken.length === 0 ? undefined : html`<br><small>${broken.join(', ')}</small>`}`
}

/** Longest outage of its budget. */
function outageCell(record: ScenarioRecord, name: string): Cell {
  const measure = measureOf(record, name)
  if (measure === undefined || !wasMeasured(measure)) return { content: '' }
  const { measured, limit, holds } = measure
  const of = limit === null ? '' : html` <small>of ${seconds(limit)} s</small>`
  return { content: html`${holds ? '' : '✗ '}${seconds(measured)} s${of}`, class: `n${holds ? '' : ' over'}` }
}

/** Of reads or writes, whichever is worse: the longest disturbance, and the share that failed. */
function disturbanceCell(record: ScenarioRecord): Cell {
  const [longest, share] = [worstOf(record, 'disturbed'), worstOf(record, 'failed')]
  if (longest === undefined || share === undefined || !wasMeasured(longest)) return { content: '' }
  const mark = ({ holds }: Measure) => (holds ? '' : '✗ ')
  const shown = html`${mark(longest)}${seconds(longest.measured)} s<br><small>${mark(share)}${Math.round(share.measured)} % failed</small>`
  return { content: shown, class: `n${longest.holds && share.holds ? '' : ' over'}` }
}

/** What the scenarios ran on; once for those with the same. */
function settings(records: readonly ScenarioRecord[]): Html {
  const groups = new Map<string, { readonly record: ScenarioRecord; readonly tasks: string[] }>()
  for (const record of records) {
    const { cluster, timers } = record
    const key = JSON.stringify([cluster, timers])
    const group = groups.get(key) ?? { record, tasks: [] }
    groups.set(key, group)
    group.tasks.push(record.task)
  }
  const many = groups.size > 1
  return html`${[...groups.values()].map(
    ({ record, tasks }) => html`<section class="card"><h2>Cluster ${record.cluster.name}</h2>
${many ? html`<p class="quiet">Of ${tasks.join(', ')}</p>` : undefined}
<dl class="facts">${clusterFacts(record).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</section>`,
  )}`
}

function clusterFacts({ cluster, timers }: ScenarioRecord): readonly (readonly [string, string])[] {
  const vms = cluster.vms.map(({ name, roles }) => `${name} ${roles.join('+')}`)
  return [
    ['driver', cluster.driver],
    ['family', cluster.family],
    ['etcd', cluster.topology],
    ['VIPs', cluster.vips.join(', ')],
    ['VMs', vms.join(', ')],
    ...(cluster.defect === null ? [] : [['planted defect', cluster.defect] as const]),
    ...(cluster.insteadOf === null ? [] : [['instead of Kubernetes', cluster.insteadOf] as const]),
    ...Object.entries(cluster.versions).map(([name, version]) => [`version of ${name}`, version] as const),
    ...timerFacts(timers),
  ]
}

function timerFacts({
  vrrp,
  haproxyCheck,
  apiCheck,
  etcd,
  leaderElection,
}: Timers): readonly (readonly [string, string])[] {
  return [
    [
      'VRRP',
      `adverts every ${vrrp.advertIntervalMs} ms, first priority ${vrrp.firstPriority}, ${vrrp.preempt ? 'preempts' : 'does not preempt'}`,
    ],
    [
      'keepalived’s look at haproxy',
      `every ${haproxyCheck.intervalMs} ms, time-out ${haproxyCheck.timeoutMs} ms, fall ${haproxyCheck.fall}`,
    ],
    [
      'haproxy’s look at apiservers',
      `every ${apiCheck.interMs} ms (${apiCheck.fastInterMs} ms once one failed), time-out ${apiCheck.timeoutMs} ms, fall ${apiCheck.fall}`,
    ],
    ['etcd timers', `heartbeat ${etcd.heartbeatMs} ms, election ${etcd.electionMs} ms`],
    [
      'leader election',
      `lease ${leaderElection.leaseMs} ms, renewed within ${leaderElection.renewDeadlineMs} ms, retried every ${leaderElection.retryPeriodMs} ms`,
    ],
  ]
}
