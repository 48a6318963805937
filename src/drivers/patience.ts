/** The setting `patience`: how many times longer than usual clusters may take to boot and to become ready here. */
import { readFileSync } from 'node:fs'
import { cpuSlowness, slowness } from './slowness.ts'

export function patienceOf(settings: ReadonlyMap<string, string>): number {
  const given = settings.get('patience') ?? 'auto'
  return given === 'auto' ? auto() : Number(given)
}

/** Below that nothing is stretched: usual machines differ by as much, and a time-out is to mean the same on them. */
const leastPatience = 1.5

interface Machine {
  /** With what other work takes from the start of programs. */
  readonly slowness: number
  readonly cpuSlowness: number
  /** Share of the last minute in which something waited for a CPU. */
  readonly cpuWait: number
}

/**
 * A machine on which something waits for a CPU all the time needs twice as long. The start of programs waits as well,
 * so this is not multiplied with it.
 */
export function patienceFor({ slowness, cpuSlowness, cpuWait }: Machine): number {
  const patience = Math.max(slowness, cpuSlowness * (1 + cpuWait))
  return patience < leastPatience ? 1 : Math.min(100, Math.round(patience * 10) / 10)
}

let decided: number | undefined

/** Once in this process, before its cluster keeps the machine busy itself. */
function auto(): number {
  decided ??= patienceFor({ slowness: slowness(), cpuSlowness: cpuSlowness(), cpuWait: cpuWaitOfLastMinute() })
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
