/** Names a process so that a later one with the same number is not taken for it. */
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks after boot at which it started: field 22 of /proc/<pid>/stat, see proc(5). */
  readonly startTicks: number
  /** /proc/sys/kernel/random/boot_id: ticks of another boot mean nothing. */
  readonly bootId: string
}

/** Every process that this one can see. */
export const processIds = (): readonly number[] =>
  readdirSync('/proc').flatMap(name => (/^\d+$/.test(name) ? [Number(name)] : []))

/** Undefined when there is no such process, or only its zombie is left. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The program's name, in parentheses, may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state, startTicks] = [fields[0], Number(fields[19])]
    if (state === 'Z' || state === 'X' || !Number.isFinite(startTicks)) return undefined
    return { pid, startTicks, bootId: bootId() }
  } catch {
    return undefined
  }
}

export function isAlive(known: ProcessIdentity): boolean {
  const current = identify(known.pid)
  return current !== undefined && current.startTicks === known.startTicks && current.bootId === known.bootId
}

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
