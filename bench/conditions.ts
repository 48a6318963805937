/** On what machine, and how busy it was meanwhile: what figures mean depends on it. */
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'

export interface Began {
  readonly atMs: number
  readonly waitedMs: number | undefined
}

export const startConditions = (): Began => ({ atMs: performance.now(), waitedMs: waitedMs() })

export function conditions({ atMs, waitedMs: before }: Began): string {
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`
  const after = waitedMs()
  const share = before === undefined || after === undefined ? undefined : (after - before) / (performance.now() - atMs)
  const busy = share === undefined ? '' : `; some process waited for a core ${Math.round(share * 100)} % of the time`
  return `${machine}, Node.js ${process.versions.node}${busy}`
}

/** How long at least one process could have run but had no core, since the machine started. */
function waitedMs(): number | undefined {
  try {
    const total = /^some .*total=(\d+)$/m.exec(readFileSync('/proc/pressure/cpu', 'latin1'))?.[1]
    return total === undefined ? undefined : Number(total) / 1_000
  } catch {
    return undefined
  }
}
