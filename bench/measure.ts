/** Runs whole programs and takes their times, two side by side, so that what else the machine does hits both. */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Program {
  readonly argv: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

/** A program, and what must be so before each time that it runs. */
export interface Contestant {
  readonly program: Program
  readonly prepare?: () => void
  /** The part of its time that counts, known after it has run; without this, all of it does. */
  readonly countedMs?: () => number
}

export interface SideBySide {
  /** Medians. */
  readonly oursMs: number
  readonly theirsMs: number
  /** How often each ran. */
  readonly times: number
}

export interface Repetitions {
  /** Each runs so often … */
  readonly times: number
  /** … unless this is over; then what has been measured counts. */
  readonly budgetMs: number
}

const limitMs = 300_000

/** Ours, theirs, ours, theirs, … */
export function sideBySide(ours: Contestant, theirs: Contestant, { times, budgetMs }: Repetitions): SideBySide {
  const [oursMs, theirsMs]: [number[], number[]] = [[], []]
  const began = performance.now()
  do {
    oursMs.push(timeMs(ours))
    theirsMs.push(timeMs(theirs))
  } while (oursMs.length < times && performance.now() - began < budgetMs)
  return { oursMs: median(oursMs), theirsMs: median(theirsMs), times: oursMs.length }
}

export function timeMs({ program, prepare, countedMs }: Contestant): number {
  prepare?.()
  const began = performance.now()
  runProgram(program)
  const wholeMs = performance.now() - began
  return countedMs?.() ?? wholeMs
}

/** To its end; throws with the end of its output when it fails. */
export function runProgram({ argv: [command, ...rest], cwd, env }: Program): void {
  // Into a file: a pipe would make this process work beside the one that is measured.
  const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-bench-'))
  const file = join(folder, 'output')
  const output = openSync(file, 'w')
  try {
    const run = spawnSync(command, rest, { cwd, env, stdio: ['ignore', output, output], timeout: limitMs })
    if (run.error || run.status !== 0) throw new Error(whatWentWrong([command, ...rest], run, file))
  } finally {
    closeSync(output)
    rmSync(folder, { recursive: true })
  }
}

function whatWentWrong(argv: readonly string[], run: ReturnType<typeof spawnSync>, file: string): string {
  const shown = argv.join(' ').slice(0, 200)
  const how = run.error?.message ?? (run.signal ? `ended by ${run.signal}` : `exit code ${run.status}`)
  const last = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n')
  return `"${shown}": ${how}\n${last}`
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const [below, above] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]]
  return ((below ?? Number.NaN) + (above ?? Number.NaN)) / 2
}
