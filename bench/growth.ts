/** How time and memory grow with the number of tasks, and docs/growth.svg of it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openArena } from './engine/arena.ts'
import { ourDag } from './engine/dag-projects.ts'
import { type Curve, growthSvg } from './growth-svg.ts'
import { median, type Program } from './measure.ts'
import { measurePeak } from './peak-memory.ts'
import { megabytes, milliseconds, type Row } from './table.ts'

const sizes = [1_000, 3_000, 10_000, 30_000, 100_000]
const times = 3
const picture = join(import.meta.dirname, '../docs/growth.svg')

interface Point {
  readonly tasks: number
  readonly ms: number
  readonly bytes: number
}

export async function* growthRows(): AsyncGenerator<Row> {
  const measured: Readonly<Record<string, Point[]>> = { 'read and planned': [], 'first run': [], 'no-op': [] }
  for (const tasks of sizes) {
    using arena = openArena()
    const { plan, first, again } = ourDag(arena, tasks)
    const steps: readonly (readonly [string, Program, number])[] = [
      ['read and planned', plan, times],
      ['first run', first.program, 1],
      ['no-op', again.program, times],
    ]
    for (const [what, program, repetitions] of steps) {
      const point = await measure(program, tasks, repetitions)
      const [before] = (measured[what] ?? []).slice(-1)
      measured[what]?.push(point)
      yield row(what, point, before)
    }
  }
  writeFileSync(picture, growthSvg(curves(measured, 'ms'), curves(measured, 'bytes')))
}

async function measure(program: Program, tasks: number, repetitions: number): Promise<Point> {
  const all: { ms: number; bytes: number }[] = []
  for (let time = 0; time < repetitions; time++) all.push(await measurePeak(program))
  return { tasks, ms: median(all.map(({ ms }) => ms)), bytes: median(all.map(({ bytes }) => bytes)) }
}

/** The ratio: how much longer it takes for each task than at the size before. */
function row(what: string, { tasks, ms, bytes }: Point, before: Point | undefined): Row {
  const ours = `${milliseconds(ms)}, ${megabytes(bytes)}`
  const perTask = before && { ratio: ms / tasks / (before.ms / before.tasks) }
  return { what: `${tasks.toLocaleString('en')} tasks, ${what}`, ours, ...perTask }
}

function curves(measured: Readonly<Record<string, readonly Point[]>>, unit: 'ms' | 'bytes'): readonly Curve[] {
  return Object.entries(measured).map(([name, points]) => ({
    name,
    points: points.map(point => ({ tasks: point.tasks, value: point[unit] })),
  }))
}
