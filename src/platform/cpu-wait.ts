/** How long work of this machine had to wait for a CPU. */
import { readFileSync } from 'node:fs'

/**
 * Since it booted, in milliseconds, by the kernel's pressure stall information; undefined where that is switched off.
 */
export function cpuWaitMs(): number | undefined {
  try {
    const [, microseconds] = /^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8')) ?? []
    return microseconds === undefined ? undefined : Number(microseconds) / 1000
  } catch {
    return undefined
  }
}
