/** What a peer must be able to do to be measured beside the engine, and what several of them need for it. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GeneratedTask } from '../generated-dag.ts'
import type { Program } from '../measure.ts'

export interface Peer {
  /** With its version. */
  readonly name: string
  /** Where in/ and out/ are, from the project's folder. */
  readonly tasksDir: string
  /** Writes the tasks as it wants them into a new project. */
  readonly write: (projectDir: string, tasks: readonly GeneratedTask[]) => void
  /** Runs all tasks, or finds that there is nothing to do. */
  readonly run: (projectDir: string, tasks: readonly GeneratedTask[]) => Program
  /** What it keeps between runs, from the project's folder. */
  readonly kept: readonly string[]
  /** Starts what it wants to have running; without, it is given little time for that. */
  readonly start?: (projectDir: string) => void
  /** Ends what it left running. */
  readonly stop?: (projectDir: string) => void
  /** Its first run is that of another peer. */
  readonly noFirstRun?: boolean
  /** Larger projects are not tried. */
  readonly most: { readonly tasks: number; readonly because: string }
}

/** One that is not there, and why. */
export interface AbsentPeer {
  readonly name: string
  readonly because: string
}

/** The project's inputs, an empty folder for outputs, and what git ignores. */
export function writeInputs(projectDir: string, tasks: readonly GeneratedTask[]): void {
  for (const folder of ['in', 'out']) mkdirSync(join(projectDir, folder), { recursive: true })
  for (const { name, input } of tasks) writeFileSync(join(projectDir, input), `input of ${name}\n`)
}

export function writeJson(projectDir: string, file: string, value: unknown): void {
  writeFileSync(join(projectDir, file), `${JSON.stringify(value, null, 2)}\n`)
}

/** As if `npm install` had been run in the project. */
export function linkPackages(projectDir: string, packagesDir: string): void {
  symlinkSync(join(packagesDir, 'node_modules'), join(projectDir, 'node_modules'))
}

/** Engines for monorepos ask git what there is, and are faster so. */
export function commitAll(projectDir: string, ignored: readonly string[], env: Readonly<Record<string, string>>): void {
  writeFileSync(join(projectDir, '.gitignore'), ['out', 'node_modules', ...ignored, ''].join('\n'))
  const identity = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost']
  for (const argv of [
    ['init', '--quiet'],
    ['add', '--all'],
    [...identity, 'commit', '--quiet', '--message', 'generated'],
  ]) {
    const { status, stderr } = spawnSync('git', argv, { cwd: projectDir, env, encoding: 'utf8' })
    if (status !== 0) throw new Error(`git ${argv.join(' ')}: ${stderr}`)
  }
}
