/** A scenario's timeline: per VM its faults and what it held, below that what each probe's clients got. */
import type { ProbeRecord, ScenarioRecord } from '../../ha/record/record.ts'
import { type Html, html } from './markup.ts'
import { axis, type Bar, lane, latencyText, outageText, shade, spanText, strip } from './track.ts'

/** Undefined when there is nothing to draw: it did not run. */
export function timeline(record: ScenarioRecord): Html | undefined {
  const { tookMs } = record
  if (tookMs <= 0) return undefined
  const vms = record.cluster.vms.map(vm => vmLanes(vm, record))
  const probes = record.probes.map(probe => probeLane(probe, record))
  return html`<figure class="timeline" style="--faults:${shade(record.faults, tookMs)}">
<figcaption>${legend(record)}</figcaption>
${axis(tookMs)}
${vms}
${probes.length === 0 ? undefined : html`<p class="part">What clients got</p>${probes}`}
${axis(tookMs)}
</figure>`
}

type Vm = ScenarioRecord['cluster']['vms'][number]

function vmLanes(vm: Vm, record: ScenarioRecord): Html {
  const faults = record.faults.filter(fault => fault.vm === vm.name).map(faultBar)
  const held = heldLanes(vm, record)
  const told = faults.map(({ text }) => text).join('; ')
  const name = html`<b>${vm.name}</b> <small>${vm.roles.join(', ')}</small> <em class="phone">${told}</em>`
  const options = (what: string) => ({ tookMs: record.tookMs, what: `${vm.name} ${what}` })
  return html`<div class="vm">${lane(name, faults, options('faults'))}${held.map(({ label, bars }) =>
    lane(html`<small>${label}</small>`, bars, options(label)),
  )}</div>`
}

function faultBar({ fault, detail, fromMs, toMs }: ScenarioRecord['faults'][number]): Bar {
  const text = detail === null ? fault : `${fault} ${detail}`
  const kind = toMs !== null && toMs - fromMs < 50 ? 'moment' : 'fault'
  return { kind, text, fromMs, toMs }
}

/** A holder's identity begins with its VM's name: "vm-001_8f3c…". */
const isOn = (holder: string, vm: string): boolean => holder === vm || holder.startsWith(`${vm}_`)

function heldLanes(vm: Vm, { vip, raft, leases, nodes }: ScenarioRecord) {
  const vips = [...new Set(vip.map(span => span.vip))].map(address => ({
    label: `VIP ${address}`,
    bars: vip
      .filter(span => span.vip === address && span.vm === vm.name)
      .map((span): Bar => ({ kind: 'vip', text: 'VIP', fromMs: span.fromMs, toMs: span.toMs })),
  }))
  const leads = (raft?.leaders ?? [])
    .filter(leader => leader.vm === vm.name)
    .map(({ fromMs, toMs }): Bar => ({ kind: 'leader', text: 'leader', fromMs, toMs }))
  const held = leases.map(({ lease, holders }) => ({
    label: lease,
    bars: holders
      .filter(({ holder }) => isOn(holder, vm.name))
      .map(({ fromMs, toMs }): Bar => ({ kind: 'lease', text: 'lease', fromMs, toMs })),
  }))
  const notReady = nodes
    .filter(({ node }) => node === vm.name)
    .flatMap(node => node.notReady)
    .map(({ fromMs, toMs }): Bar => ({ kind: 'bad', text: 'not Ready', fromMs, toMs }))
  const lanes = [...vips, { label: 'etcd leader', bars: leads }, ...held, { label: 'node', bars: notReady }]
  return lanes.filter(({ bars }) => bars.length > 0)
}

function probeLane(probe: ProbeRecord, { tookMs }: ScenarioRecord): Html {
  const name = probe.vm === null ? probe.name : `${probe.name} ${probe.vm}`
  const outages = probe.outages.map(spanText).join('; ')
  const said = `${name}: ${probe.attempts} requests, ${probe.failures} failed${outages === '' ? '' : `; without an answer ${outages}`}`
  const worst = probe.longestOutageMs > 0 ? html` <em>out ${outageText(probe.longestOutageMs)}</em>` : undefined
  return html`<div class="lane probe"><div class="label">${name}${worst}${latencies(probe)}</div><div class="track" role="img" aria-label="${said}" title="${said}">${strip(probe, tookMs)}</div></div>`
}

function latencies({ p50Ms, p99Ms }: ProbeRecord): Html | undefined {
  if (p50Ms === null || p99Ms === null) return undefined
  return html`<br><small>p50 ${latencyText(p50Ms)}, p99 ${latencyText(p99Ms)}</small>`
}

function legend(record: ScenarioRecord): Html {
  const items: readonly (readonly [string, string, boolean])[] = [
    ['fault', 'fault in force', record.faults.length > 0],
    ['vip', 'owns the VIP', record.vip.length > 0],
    ['leader', 'leads etcd', record.raft !== null],
    ['lease', 'holds a lease', record.leases.length > 0],
    ['bad', 'node not Ready', record.nodes.some(({ notReady }) => notReady.length > 0)],
    ['ok', 'all answered (low)', record.probes.length > 0],
    ['part', 'some failed (half)', record.probes.length > 0],
    ['none', 'none answered (high)', record.probes.length > 0],
  ]
  return html`${items.filter(([, , used]) => used).map(([kind, text]) => html`<span class="key"><i class="k-${kind}"></i>${text}</span> `)}`
}
