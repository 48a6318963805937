/** What a program and all that it starts take of memory at their peak. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import type { Program } from './measure.ts'

const everyMs = 5

/** The highest sum seen of the resident memory of all processes of the tree; what they share counts for each. */
export async function peakBytes({ argv: [command, ...rest], cwd, env }: Program): Promise<number> {
  const child = spawn(command, rest, { cwd, env, stdio: 'ignore' })
  let peak = 0
  const timer = setInterval(() => {
    peak = Math.max(peak, treeBytes(child.pid ?? 0))
  }, everyMs)
  const code = await new Promise<number | null>((resolve, reject) => child.once('exit', resolve).once('error', reject))
  clearInterval(timer)
  if (code !== 0) throw new Error(`"${[command, ...rest].join(' ')}" ended with exit code ${code}`)
  return peak
}

function treeBytes(pid: number): number {
  return residentBytes(pid) + childrenOf(pid).reduce((sum, child) => sum + treeBytes(child), 0)
}

function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1]
  return Number(kilobytes ?? 0) * 1024
}

/** Any thread may have started a child. */
function childrenOf(pid: number): readonly number[] {
  return list(`/proc/${pid}/task`)
    .flatMap(thread => read(`/proc/${pid}/task/${thread}/children`).split(' '))
    .map(Number)
    .filter(child => child > 0)
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}
