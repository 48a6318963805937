/** Processes that left the group that they were started in, as by setsid: found by their ancestors, or by their TMPDIR. */
import { readFileSync } from 'node:fs'
import { poll } from '../poll.ts'
import { processesWithTmpdir } from './leftovers.ts'
import { identify, isAlive, type ProcessIdentity, processIds } from './process-identity.ts'

export interface StraySigns {
  /** That all of its processes have, and no others. Absent: descendants only. */
  readonly tmpdir?: string
}

/** Of a group whose leader lives, or has children that do: what descends from it and is not in it. */
export function straysOf(leader: number, { tmpdir }: StraySigns): readonly ProcessIdentity[] {
  const processes = processIds().flatMap(pid => relations(pid) ?? [])
  const children = Map.groupBy(processes, ({ parent }) => parent)
  const found = new Set(tmpdir === undefined ? [] : processesWithTmpdir(tmpdir))
  const open = [leader]
  for (let at = open.pop(); at !== undefined; at = open.pop())
    for (const { pid, group } of children.get(at) ?? []) {
      if (group !== leader) found.add(pid)
      open.push(pid)
    }
  for (const { pid, group } of processes) if (group === leader) found.delete(pid)
  return [...found].flatMap(pid => identify(pid) ?? [])
}

/** SIGTERM, and SIGKILL when one is left after the grace time. */
export async function endStrays(strays: readonly ProcessIdentity[], graceMs: number): Promise<void> {
  const living = () => strays.filter(isAlive)
  sendEach(strays, 'SIGTERM')
  const left = await poll(living, some => some.length === 0, { everyMs: 20, withinMs: graceMs })
  for (const { pid } of left) send(pid, 'SIGKILL')
}

/** Every process with this TMPDIR, whoever its ancestors are. */
export const endTagged = (tmpdir: string, graceMs: number): Promise<void> =>
  endStrays(
    processesWithTmpdir(tmpdir).flatMap(pid => identify(pid) ?? []),
    graceMs,
  )

/** To those that still live. */
export function sendEach(processes: readonly ProcessIdentity[], signal: NodeJS.Signals): void {
  for (const { pid } of processes.filter(isAlive)) send(pid, signal)
}

function relations(pid: number): { readonly pid: number; readonly parent: number; readonly group: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { pid, parent: Number(parent), group: Number(group) }
  } catch {
    return undefined
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {}
}
