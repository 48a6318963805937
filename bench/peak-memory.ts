/** What a program and all that it starts take of memory at their peak. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import type { Program } from './measure.ts'

const everyMs = 5

export interface Peak {
  readonly ms: number
  /** The highest sum seen of the resident memory of all processes of the tree; what they share counts for each. */
  readonly bytes: number
}

export async function measurePeak({ argv: [command, ...rest], cwd, env }: Program): Promise<Peak> {
  const began = performance.now()
  const child = spawn(command, rest, { cwd, env, stdio: 'ignore' })
  const end = () => child.kill()
  process.once('exit', end)
  let bytes = 0
  const timer = setInterval(() => {
    bytes = Math.max(bytes, treeBytes(child.pid ?? 0))
  }, everyMs)
  const code = await new Promise<number | null>((resolve, reject) => child.once('exit', resolve).once('error', reject))
  const ms = performance.now() - began
  clearInterval(timer)
  process.off('exit', end)
  if (code !== 0) throw new Error(`"${[command, ...rest].join(' ')}" ended with exit code ${code}`)
  return { ms, bytes }
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
