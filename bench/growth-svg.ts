/** Two diagrams side by side, time and memory by the number of tasks, both axes logarithmic: a slope of one is linear. */
import { megabytes, milliseconds } from './table.ts'
export interface Curve {
  readonly name: string
  readonly points: readonly { readonly tasks: number; readonly value: number }[]
}

const [width, height, gap] = [400, 340, 40]
const box = { left: 62, right: 388, top: 44, bottom: 292 }
const style = `
svg{color-scheme:light dark;--text:#1a1d21;--quiet:#59616b;--line:#d9dde2;--c0:#2f6fd0;--c1:#9a6200;--c2:#1a7f4b}
@media (prefers-color-scheme:dark){svg{--text:#e6e8eb;--quiet:#9aa4b0;--line:#343a43;--c0:#6ea3ff;--c1:#f0b95a;--c2:#5fcf95}}
text{font:12px system-ui,sans-serif;fill:var(--quiet)}.title{font-size:14px;font-weight:600;fill:var(--text)}
.grid{stroke:var(--line)}.linear{stroke:var(--quiet);stroke-dasharray:3 4}
path{fill:none;stroke-width:2}${[0, 1, 2].map(at => `.c${at}{stroke:var(--c${at})}circle.c${at}{fill:var(--c${at})}text.c${at}{stroke:none;fill:var(--c${at})}`).join('')}`

export function growthSvg(times: readonly Curve[], memory: readonly Curve[]): string {
  const whole = `0 0 ${2 * width + gap + 24} ${height}`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${whole}" role="img" aria-label="Growth of time and memory">`,
    `<style>${style}</style>`,
    diagram('Time of the whole process', times, milliseconds),
    `<g transform="translate(${width + gap})">${diagram('Memory of all its processes', memory, megabytes)}</g>`,
    '</svg>',
    '',
  ].join('\n')
}

function diagram(title: string, curves: readonly Curve[], textOf: (value: number) => string): string {
  const points = curves.flatMap(curve => curve.points)
  const x = scale(
    points.map(({ tasks }) => tasks),
    [box.left, box.right],
  )
  const y = scale(
    points.map(({ value }) => value),
    [box.bottom, box.top],
  )
  return [
    `<text class="title" x="${box.left}" y="20">${title}</text>`,
    ...x.decades.map(tasks => label(x.at(tasks), box.bottom + 18, 'middle', tasks.toLocaleString('en'))),
    label((box.left + box.right) / 2, box.bottom + 38, 'middle', 'tasks; dotted: linear'),
    ...y.decades.flatMap(value => [
      `<path class="grid" d="M${box.left} ${y.at(value)}H${box.right}"/>`,
      label(box.left - 6, y.at(value) + 4, 'end', textOf(value)),
    ]),
    ...curves.flatMap((curve, at) => drawn(curve, `c${at}`, at, x, y)),
  ].join('\n')
}

function drawn({ name, points }: Curve, color: string, order: number, x: Scale, y: Scale): readonly string[] {
  const [first, last] = [points.at(0), points.at(-1)]
  if (!first || !last) return []
  const place = ({ tasks, value }: { readonly tasks: number; readonly value: number }) =>
    `${x.at(tasks)} ${y.at(value)}`
  // From its last point backwards, as at small sizes the start of the program counts most.
  const linear = { tasks: first.tasks, value: Math.max(y.least, (last.value * first.tasks) / last.tasks) }
  const from = { tasks: (linear.value / last.value) * last.tasks, value: linear.value }
  return [
    `<path class="linear" d="M${place(from)}L${place(last)}"/>`,
    `<path class="${color}" d="M${points.map(place).join('L')}"/>`,
    ...points.map(point => `<circle class="${color}" r="3" cx="${x.at(point.tasks)}" cy="${y.at(point.value)}"/>`),
    `<text class="${color}" x="${box.left + 8}" y="${box.top + 12 + 16 * order}">${name}</text>`,
  ]
}

interface Scale {
  readonly at: (value: number) => number
  readonly least: number
  readonly decades: readonly number[]
}

/** Logarithmic, from the power of ten below all values to the one above. */
function scale(values: readonly number[], [start, end]: readonly [number, number]): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.ceil(Math.log10(Math.max(...values)))
  const at = (value: number) =>
    Math.round((start + ((Math.log10(value) - low) / (high - low)) * (end - start)) * 10) / 10
  const decades = Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step))
  return { at, least: 10 ** low, decades }
}

const label = (x: number, y: number, anchor: string, text: string): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${text}</text>`
