/** Draws docs/k8s-ha.svg, the picture in README.md: the loop, and the cluster that it runs on. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const pictureFile = join(import.meta.dirname, '../docs/k8s-ha.svg')

/** The picture brings its own background: a page may be dark where the reader's system is light. */
const style = `
text{font:13px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,"DejaVu Sans",sans-serif;fill:#59616b}
.title{font-weight:600;fill:#1a1d21}.verb{font-size:16px;font-weight:600;fill:#1a1d21}
.page{fill:#fff;stroke:#d9dde2}.frame{fill:#f5f6f8;stroke:#d9dde2}.box{fill:#fff;stroke:#8a929c}
.line{fill:none;stroke:#8a929c;stroke-width:1.5}.tip{fill:#8a929c}
.stopped{fill:#fde7e7;stroke:#c0262d;stroke-dasharray:5 3}.fault{fill:#c0262d}
.vip{fill:#2f6fd0}.on-vip{font-weight:600;fill:#fff}.moves{fill:none;stroke:#2f6fd0;stroke-width:1.5;stroke-dasharray:5 3}
.answered{fill:#7cc49b}.passed{font-weight:600;fill:#1a7f4b}
@media (prefers-color-scheme:dark){
text{fill:#9aa4b0}.title,.verb{fill:#e6e8eb}
.page{fill:#14171b;stroke:#343a43}.frame{fill:#1c2026;stroke:#343a43}.box{fill:#272c34;stroke:#6b7480}
.line{stroke:#6b7480}.tip{fill:#6b7480}
.stopped{fill:#43201f;stroke:#ff7b7b}.fault{fill:#ff7b7b}
.vip{fill:#6ea3ff}.on-vip{fill:#14171b}.moves{stroke:#6ea3ff}
.answered{fill:#3c8f66}.passed{fill:#5fcf95}}
`

const [width, height] = [920, 484]

export function readmePicture(): string {
  const label =
    'Build, start, break, judge; and the cluster: load balancers, control planes, etcd, workers, a router, probes'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">`,
    `<style>${style}</style>`,
    box('page', [0.5, 0.5, width - 1, height - 1]),
    ...loop(),
    box('frame', [20, 144, width - 40, 322]),
    ...cluster(),
    ...judgement([292, 398, 590]),
    '</svg>\n',
  ].join('\n')
}

const steps = [
  ['build', 'keepalived, Kubernetes,', 'VM image, overlay'],
  ['start', 'VMs made of Linux', 'namespaces, in seconds'],
  ['break', 'stop, reset or isolate VMs,', 'kill services, fill disks'],
  ['judge', 'outage within its limit,', 'no acknowledged write lost'],
] as const

function loop(): readonly string[] {
  const [top, boxWidth, boxHeight, pitch] = [18, 196, 74, 228]
  const [bottom, back] = [top + boxHeight, top + boxHeight + 28]
  const middle = (at: number) => 20 + at * pitch + boxWidth / 2
  return [
    ...steps.flatMap(([verb, ...lines], at) => [
      box('box', [middle(at) - boxWidth / 2, top, boxWidth, boxHeight]),
      text('verb', [middle(at), top + 25], verb, 'middle'),
      ...lines.map((line, row) => text('', [middle(at), top + 45 + 18 * row], line, 'middle')),
    ]),
    ...[1, 2, 3].flatMap(at => arrow([middle(at) - boxWidth / 2 - 32, top + boxHeight / 2], 'right', 32)),
    text('', [width / 2, back + 4], 'change a file, run again: only what depends on it runs', 'middle'),
    `<path class="line" d="M${middle(3)} ${bottom}V${back}H660M260 ${back}H${middle(0)}"/>`,
    ...arrow([middle(0), back], 'up', back - bottom),
  ]
}

const machine = { width: 150, height: 48 }
const rows = [206, 264, 322, 400] as const
/** Where the lines meet the boxes of a row. */
const axis = (row: 0 | 1 | 2 | 3) => rows[row] + machine.height / 2
const columns = { clients: 40, balancers: 292, controlPlanes: 512, etcd: 732 }

function cluster(): readonly string[] {
  const { clients, balancers, controlPlanes, etcd } = columns
  const vip = { left: 218, middle: 249, right: 280 }
  return [
    titled([40, 168], 'the cluster', 'in network namespaces of its own: your machine’s network stays as it is'),
    text('', [clients, 197], 'clients, workers'),
    ...vm([clients, rows[1]], 'probes', 'reads, writes: 20/s'),
    ...vm([clients, rows[2]], 'vm-004 … vm-007', 'kubelet, pods'),
    ...vm([clients, rows[3]], 'vm-201', 'router'),
    text('', [balancers, 197], 'load balancers'),
    ...vm([balancers, rows[0]], 'vm-191', 'stopped', 'stopped'),
    ...vm([balancers, rows[1]], 'vm-192', 'keepalived, haproxy'),
    text('', [controlPlanes, 197], 'control planes'),
    ...([0, 1, 2] as const).flatMap(row => vm([controlPlanes, rows[row]], `vm-00${row + 1}`, 'kube-apiserver, …')),
    text('', [etcd, 197], 'etcd'),
    ...([0, 1, 2] as const).flatMap(row => vm([etcd, rows[row]], `vm-19${row + 3}`, 'etcd')),
    ...arrow([clients + machine.width, axis(1)], 'right', vip.left - clients - machine.width),
    `<path class="line" d="M${clients + machine.width} ${axis(2)}H${vip.middle}"/>`,
    ...arrow([vip.middle, axis(2)], 'up', axis(2) - axis(1) - 13),
    ...arrow([clients + machine.width / 2, rows[3]], 'up', rows[3] - rows[2] - machine.height),
    text('', [vip.middle - 6, axis(0) - 8], 'moves', 'end'),
    `<path class="moves" d="M${balancers} ${axis(0)}H${vip.middle}"/>`,
    ...arrow([vip.middle, axis(0)], 'down', axis(1) - 13 - axis(0), { line: 'moves', tip: 'vip' }),
    `<path class="line" d="M${vip.right} ${axis(1)}H${balancers}"/>`,
    `<rect class="vip" x="${vip.left}" y="${axis(1) - 13}" width="${vip.right - vip.left}" height="26" rx="13"/>`,
    text('on-vip', [vip.middle, axis(1) + 5], 'VIP', 'middle'),
    ...fan(balancers + machine.width, [1], controlPlanes),
    ...fan(controlPlanes + machine.width, [0, 1, 2], etcd),
  ]
}

function vm([x, y]: Point, name: string, role: string, state: 'box' | 'stopped' = 'box'): readonly string[] {
  return [
    box(state, [x, y, machine.width, machine.height]),
    text('title', [x + 12, y + 20], name),
    text(state === 'box' ? '' : 'fault', [x + 12, y + 38], role),
  ]
}

/** From each of the rows on the left to all three on the right, by way of one line between them. */
function fan(from: number, starts: readonly (0 | 1 | 2)[], to: number): readonly string[] {
  const middle = (from + to) / 2
  return [
    ...starts.map(row => `<path class="line" d="M${from} ${axis(row)}H${middle}"/>`),
    `<path class="line" d="M${middle} ${axis(0)}V${axis(2)}"/>`,
    ...([0, 1, 2] as const).flatMap(row => arrow([middle, axis(row)], 'right', to - middle)),
  ]
}

/** One scenario, as a client sees it: an answer each 50 ms, none while the VIP moves. The times are those of a run. */
function judgement([x, y, span]: readonly [number, number, number]): readonly string[] {
  const seconds = { before: 2.4, outage: 3.2, all: 10.6 }
  const at = (second: number) => Math.round((second / seconds.all) * span)
  const [gone, back] = [at(seconds.before), at(seconds.before + seconds.outage)]
  return [
    titled([x, y + 10], 'lb-owner-stop', 'reads through the VIP when its owner stops'),
    text('passed', [x + span, y + 10], 'passed', 'end'),
    `<rect class="answered" x="${x}" y="${y + 20}" width="${gone}" height="14"/>`,
    `<rect class="stopped" x="${x + gone}" y="${y + 20}" width="${back - gone}" height="14"/>`,
    `<rect class="answered" x="${x + back}" y="${y + 20}" width="${span - back}" height="14"/>`,
    text('', [x, y + 53], 'answered'),
    text('fault', [x + gone, y + 53], `${seconds.outage} s without an answer; 4.2 s allowed`),
    text('', [x + span, y + 53], 'no acknowledged write lost', 'end'),
  ]
}

type Point = readonly [x: number, y: number]
const turns = { right: 0, down: 90, up: -90 }

function arrow([x, y]: Point, way: keyof typeof turns, length: number, classes = { line: 'line', tip: 'tip' }) {
  return [
    `<g transform="translate(${x} ${y}) rotate(${turns[way]})">`,
    `<path class="${classes.line}" d="M0 0H${length - 8}"/><path class="${classes.tip}" d="M${length} 0l-9 -4.5v9z"/>`,
    '</g>',
  ]
}

const box = (kind: string, [x, y, w, h]: readonly [number, number, number, number]): string =>
  `<rect class="${kind}" x="${x}" y="${y}" width="${w}" height="${h}" rx="8"/>`

const text = (kind: string, [x, y]: Point, content: string, anchor: 'start' | 'middle' | 'end' = 'start'): string =>
  `<text${kind && ` class="${kind}"`} x="${x}" y="${y}"${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}>${content}</text>`

/** One line, so that the second part follows the first in every font. */
const titled = ([x, y]: Point, title: string, content: string): string =>
  `<text x="${x}" y="${y}"><tspan class="title">${title}</tspan><tspan dx="8">${content}</tspan></text>`

if (import.meta.main) writeFileSync(pictureFile, readmePicture())
