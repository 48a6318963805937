/** How slow this machine is, by a short self-measurement: what takes time when a cluster boots is work like this. */
import { spawnSync } from 'node:child_process'
import { monotonicMs } from '../platform/clock.ts'

/**
 * On two cores at the lower end of those on which every deadline was found ample: `compute` in CPU time, so that other
 * work does not count, and the start and the end of a small program.
 */
const usual = { computeMs: 40, startMs: 4 }

/** Machines differ by less, and are all called usual. */
const leastSlowness = 1.5

/** How many times slower than a usual machine; 1 for those that are as fast or faster. */
export function slownessOf(measured: { readonly computeMs: number; readonly startMs: number }): number {
  const slowness = Math.max(measured.computeMs / usual.computeMs, measured.startMs / usual.startMs)
  return slowness < leastSlowness ? 1 : Math.round(slowness * 10) / 10
}

let known: { readonly computeMs: number; readonly startMs: number } | undefined

/** Measured once in this process: 0.1 s on a usual machine. */
function measured() {
  known ??= { computeMs: fastest(3, compute), startMs: fastest(5, startProgram) }
  return known
}

/** With what other work here takes from the start of programs. */
export const slowness = (): number => slownessOf(measured())

/** Of the CPU alone, whatever else runs here: what a machine is to blame for at all times. */
export const cpuSlowness = (): number => slownessOf({ ...measured(), startMs: 0 })

/** The best of some tries: the others met what else runs here, or code that was not compiled yet. */
const fastest = (tries: number, measure: () => number): number =>
  Math.min(...Array.from({ length: tries }, () => measure()))

function compute(): number {
  const before = process.cpuUsage()
  let value = 1
  for (let round = 0; round < 20_000_000; round++) value = Math.imul(value ^ round, 2_654_435_761) >>> 0
  const { user, system } = process.cpuUsage(before)
  // The result is used, or the loop would be optimized away.
  return (user + system) / 1000 + (value === 0 ? 1 : 0)
}

function startProgram(): number {
  const before = monotonicMs()
  spawnSync('/bin/true')
  return monotonicMs() - before
}
