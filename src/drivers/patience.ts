/** The setting `patience`: how many times longer than usual clusters may take to boot and to become ready here. */
import { readFileSync } from 'node:fs'
import { slowness } from './slowness.ts'

export function patienceOf(settings: ReadonlyMap<string, string>): number {
  const given = settings.get('patience') ?? 'auto'
  return given === 'auto' ? auto() : Number(given)
}

/** A machine on which something waits for a CPU all the time needs three times as long. */
const busyFactor = 2

/** Below that nothing is stretched: usual machines differ by as much, and a time-out is to mean the same on them. */
const leastPatience = 1.5

/** From how slow the machine is by itself, and from the share of the last minute in which something waited for a CPU. */
export function patienceFor(slowness: number, cpuWait: number): number {
  const patience = slowness * (1 + busyFactor * cpuWait)
  return patience < leastPatience ? 1 : Math.min(100, Math.round(patience * 10) / 10)
}

let decided: number | undefined

/** Once in this process, before its cluster keeps the machine busy itself. */
function auto(): number {
  decided ??= patienceFor(slowness(), cpuWaitOfLastMinute())
  return decided
}

/** Pressure stall information of the kernel; 0 where that is switched off. */
function cpuWaitOfLastMinute(): number {
  try {
    const [, percent] = /^some .*avg60=([\d.]+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8')) ?? []
    return Number(percent ?? 0) / 100
  } catch {
    return 0
  }
}
